package io.mooring.bench.sync;

import io.mooring.contracts.mqtt.DeviceTopics;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What the command line asks for: numbers by their names.
 *
 * @param numbers each option's number
 * @param writeDocs whether docs/performance.md is to say what was seen
 * @param output where the JSON goes
 */
public record SyncOptions(Map<String, Integer> numbers, boolean writeDocs, Optional<Path> output) {
    /** The option without a number: devices say nothing of several rows in one message. */
    public static final String SINGLE = "single";

    /** What devices say in a request for what they missed, past its other members, of the forms that they understand. */
    public String accepts() {
        return get(SINGLE) == 1 ? "" : ",\"accepts\":[\"" + DeviceTopics.ROWS_FORM + "\"]";
    }

    /** The options there are, with their usual numbers. */
    public static SyncOptions of(Object... namesAndNumbers) {
        Map<String, Integer> numbers = new TreeMap<>();
        for (int i = 0; i < namesAndNumbers.length; i += 2) {
            numbers.put((String) namesAndNumbers[i], (Integer) namesAndNumbers[i + 1]);
        }
        return new SyncOptions(numbers, false, Optional.empty());
    }

    public int get(String name) {
        Integer number = numbers.get(name);
        if (number == null) {
            throw new IllegalArgumentException("no option " + name);
        }
        return number;
    }

    /** Reads the command line; says what is wrong with it and ends the program if anything is. */
    public SyncOptions parsed(String bench, String[] args) {
        try {
            return parse(args);
        } catch (IllegalArgumentException wrong) {
            String usage = numbers.entrySet().stream()
                    .map(option -> option.getKey().equals(SINGLE)
                            ? "[--" + SINGLE + "]"
                            : "[--" + option.getKey() + " " + option.getValue() + "]")
                    .collect(Collectors.joining(" "));
            System.err.println("bench: " + wrong.getMessage());
            System.err.println("usage: bench " + bench + " " + usage + " [--write-docs] [--json FILE]");
            System.exit(2);
            throw wrong;
        }
    }

    private SyncOptions parse(String[] args) {
        Map<String, Integer> given = new TreeMap<>(numbers);
        boolean docs = writeDocs;
        Optional<Path> file = output;
        for (int i = 0; i < args.length; i++) {
            String name = args[i].replaceFirst("^--", "");
            if (args[i].equals("--write-docs")) {
                docs = true;
            } else if (args[i].equals("--" + SINGLE) && given.containsKey(SINGLE)) {
                given.put(SINGLE, 1);
            } else if (i + 1 == args.length) {
                throw new IllegalArgumentException(args[i] + " needs a value");
            } else if (args[i].equals("--json")) {
                file = Optional.of(Path.of(args[++i]).toAbsolutePath());
            } else if (args[i].startsWith("--") && given.containsKey(name)) {
                given.put(name, number(args[++i]));
            } else {
                throw new IllegalArgumentException("unknown option " + args[i]);
            }
        }
        return new SyncOptions(given, docs, file);
    }

    private static int number(String text) {
        if (!text.matches("[0-9]{1,8}")) {
            throw new IllegalArgumentException("not a number of 0 to 99999999: " + text);
        }
        return Integer.parseInt(text);
    }
}
