package io.mooring.bench.bridge;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What the command line asks for.
 *
 * @param root the project's folder, with what was built
 * @param connections how many devices, one setting after the other
 * @param windows how many messages each may have unacknowledged
 * @param ways what is measured beside Kafka; without the broker alone there is no ratio
 * @param warmSeconds before measuring, each time
 * @param measureSeconds measured, each time
 * @param output where the JSON goes
 */
record BenchOptions(
        Path root,
        List<Integer> connections,
        List<Integer> windows,
        Set<Way> ways,
        int warmSeconds,
        int measureSeconds,
        Optional<Path> output) {
    static final String USAGE = """
            usage: bench bridge [--quick] [--connections 50,1000] [--windows 1,10] [--ways broker,sdk,gate]
                                [--warm SECONDS] [--measure SECONDS] [--json FILE]
              --quick   50 connections only, and short runs: for a first look, not for figures to quote""";

    /** Reads the command line; a problem is told in the exception's message, for people. */
    static BenchOptions parse(String[] args) {
        List<Integer> connections = List.of(50, 1_000);
        List<Integer> windows = List.of(1, 10);
        Set<Way> ways = EnumSet.allOf(Way.class);
        int warm = 45;
        int measure = 12;
        Optional<Path> output = Optional.empty();
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--quick" -> {
                    connections = List.of(50);
                    warm = 6;
                    measure = 5;
                }
                case "--connections" -> connections = numbers(args, ++i);
                case "--windows" -> windows = numbers(args, ++i);
                case "--ways" -> ways = ways(value(args, ++i));
                case "--warm" -> warm = numbers(args, ++i).getFirst();
                case "--measure" -> measure = numbers(args, ++i).getFirst();
                case "--json" -> output = Optional.of(Path.of(value(args, ++i)).toAbsolutePath());
                default -> throw new IllegalArgumentException("unknown option " + args[i]);
            }
        }
        String root = System.getProperty("mooring.root", "");
        return new BenchOptions(
                Path.of(root).toAbsolutePath().normalize(), connections, windows, ways, warm, measure, output);
    }

    private static Set<Way> ways(String text) {
        Set<Way> ways = EnumSet.noneOf(Way.class);
        for (String name : text.split(",")) {
            ways.add(Arrays.stream(Way.values())
                    .filter(way -> way.name().toLowerCase(Locale.ROOT).equals(name.trim()))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("--ways: no such way: " + name)));
        }
        return ways;
    }

    private static List<Integer> numbers(String[] args, int at) {
        List<Integer> numbers = new ArrayList<>();
        for (String text : value(args, at).split(",")) {
            try {
                numbers.add(Integer.parseInt(text.trim()));
            } catch (NumberFormatException wrong) {
                throw new IllegalArgumentException(args[at - 1] + ": not a number: " + text, wrong);
            }
        }
        return numbers;
    }

    private static String value(String[] args, int at) {
        if (at >= args.length) {
            throw new IllegalArgumentException(args[at - 1] + " needs a value");
        }
        return args[at];
    }
}
