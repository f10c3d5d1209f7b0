package io.mooring.bench.cloud;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What the command line asks for.
 *
 * @param devices how many are measured
 * @param warm how many come before them, unmeasured
 * @param atOnce how many are in the middle of something at the same time
 * @param output where the JSON goes
 */
public record CloudOptions(int devices, int warm, int atOnce, Optional<Path> output) {
    /** Reads the command line; a problem is told in the exception's message, for people. */
    public static CloudOptions parse(String[] args, CloudOptions standard) {
        CloudOptions options = standard;
        for (int i = 0; i < args.length; i += 2) {
            if (i + 1 == args.length) {
                throw new IllegalArgumentException(args[i] + " needs a value");
            }
            String value = args[i + 1];
            options = switch (args[i]) {
                case "--devices" -> new CloudOptions(number(value), options.warm, options.atOnce, options.output);
                case "--warm" -> new CloudOptions(options.devices, number(value), options.atOnce, options.output);
                case "--at-once" -> new CloudOptions(options.devices, options.warm, number(value), options.output);
                case "--json" ->
                    new CloudOptions(
                            options.devices,
                            options.warm,
                            options.atOnce,
                            Optional.of(Path.of(value).toAbsolutePath()));
                default -> throw new IllegalArgumentException("unknown option " + args[i]);
            };
        }
        return options;
    }

    private static int number(String text) {
        if (!text.matches("[1-9][0-9]{0,5}")) {
            throw new IllegalArgumentException("not a number of 1 to 999999: " + text);
        }
        return Integer.parseInt(text);
    }
}
