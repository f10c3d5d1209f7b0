package io.mooring.bench.issuance;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What the command line asks for.
 *
 * @param connections callers that ask one after the other
 * @param warmSeconds before measuring, each time
 * @param measureSeconds measured, each time
 * @param rounds how often both are measured, in turn
 * @param output where the JSON goes
 */
record IssuanceOptions(int connections, int warmSeconds, int measureSeconds, int rounds, Optional<Path> output) {
    static final String USAGE = """
            usage: bench issuance [--quick] [--connections 64] [--warm SECONDS] [--measure SECONDS] [--rounds N] [--json FILE]
              --quick   short runs: for a first look, not for figures to quote""";

    /** Reads the command line; a problem is told in the exception's message, for people. */
    static IssuanceOptions parse(String[] args) {
        int connections = 64;
        int warm = 25;
        int measure = 12;
        int rounds = 3;
        Optional<Path> output = Optional.empty();
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--quick" -> {
                    warm = 8;
                    measure = 5;
                    rounds = 1;
                }
                case "--connections" -> connections = number(args, ++i);
                case "--warm" -> warm = number(args, ++i);
                case "--measure" -> measure = number(args, ++i);
                case "--rounds" -> rounds = number(args, ++i);
                case "--json" -> output = Optional.of(Path.of(value(args, ++i)).toAbsolutePath());
                default -> throw new IllegalArgumentException("unknown option " + args[i]);
            }
        }
        return new IssuanceOptions(connections, warm, measure, rounds, output);
    }

    private static int number(String[] args, int at) {
        String text = value(args, at);
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException wrong) {
            throw new IllegalArgumentException(args[at - 1] + ": not a number: " + text, wrong);
        }
    }

    private static String value(String[] args, int at) {
        if (at >= args.length) {
            throw new IllegalArgumentException(args[at - 1] + " needs a value");
        }
        return args[at];
    }
}
