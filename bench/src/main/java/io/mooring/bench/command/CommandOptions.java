package io.mooring.bench.command;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What the command line asks for.
 *
 * @param devices how many are connected while commands are timed one by one
 * @param calls how many commands are timed
 * @param many how many devices get one command together
 * @param atOnce how many join, or are called, at the same time
 * @param output where the JSON goes
 */
record CommandOptions(int devices, int calls, int many, int atOnce, Optional<Path> output) {
    static final String USAGE =
            "usage: bench command [--devices 1000] [--calls 1000] [--many 10000] [--at-once 16]" + " [--json FILE]";

    /** Reads the command line; a problem is told in the exception's message, for people. */
    static CommandOptions parse(String[] args) {
        CommandOptions options = new CommandOptions(1_000, 1_000, 10_000, 16, Optional.empty());
        for (int i = 0; i < args.length; i += 2) {
            if (i + 1 == args.length) {
                throw new IllegalArgumentException(args[i] + " needs a value");
            }
            String value = args[i + 1];
            options = switch (args[i]) {
                case "--devices" ->
                    new CommandOptions(number(value), options.calls, options.many, options.atOnce, options.output);
                case "--calls" ->
                    new CommandOptions(options.devices, number(value), options.many, options.atOnce, options.output);
                case "--many" ->
                    new CommandOptions(options.devices, options.calls, number(value), options.atOnce, options.output);
                case "--at-once" ->
                    new CommandOptions(options.devices, options.calls, options.many, number(value), options.output);
                case "--json" ->
                    new CommandOptions(
                            options.devices,
                            options.calls,
                            options.many,
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
