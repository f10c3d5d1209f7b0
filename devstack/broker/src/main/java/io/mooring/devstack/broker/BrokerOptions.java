package io.mooring.devstack.broker;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the command line asks for.
 *
 * @param port of the mutual-TLS listener; 0 for a free one
 * @param applicationPort of the TLS listener for applications, who need no client certificate; 0 for none
 * @param httpPort of health and metrics, plain HTTP; 0 for none
 * @param bind the address listened on
 * @param buckets into how many files the broker parts what it keeps; must not change under existing data
 * @param data the folder of configuration, sessions and extensions
 * @param extension the zip to install; without it every trusted certificate is let in
 * @param keystore PKCS#12 with the server's key and chain
 * @param truststore PKCS#12 with the authorities of devices
 * @param exitWithParent whether to stop when the parent process ends
 */
record BrokerOptions(
        int port,
        int applicationPort,
        int httpPort,
        String bind,
        int buckets,
        Path data,
        Optional<Path> extension,
        Path keystore,
        Path truststore,
        boolean exitWithParent) {
    /** The environment variable with the keystore's password. */
    static final String KEYSTORE_PASSWORD = "MOORING_BROKER_KEYSTORE_PASSWORD";

    /** The environment variable with the truststore's password. */
    static final String TRUSTSTORE_PASSWORD = "MOORING_BROKER_TRUSTSTORE_PASSWORD";

    private static final String EXIT_WITH_PARENT = "--exit-with-parent";
    private static final Set<String> NAMES = Set.of(
            "--port",
            "--application-port",
            "--http-port",
            "--bind",
            "--buckets",
            "--data",
            "--extension",
            "--keystore",
            "--truststore");

    /** Reads the command line; a problem is told in the exception's message, for people. */
    static BrokerOptions parse(String[] args, Map<String, String> environment) {
        Map<String, String> given = new HashMap<>();
        boolean exitWithParent = false;
        for (int i = 0; i < args.length; i++) {
            if (args[i].equals(EXIT_WITH_PARENT)) {
                exitWithParent = true;
            } else if (!NAMES.contains(args[i])) {
                throw new IllegalArgumentException("unknown option " + args[i]);
            } else if (i + 1 == args.length) {
                throw new IllegalArgumentException(args[i] + " needs a value");
            } else {
                given.put(args[i], args[++i]);
            }
        }
        for (String variable : new String[] {KEYSTORE_PASSWORD, TRUSTSTORE_PASSWORD}) {
            if (environment.getOrDefault(variable, "").isEmpty()) {
                throw new IllegalArgumentException("the environment lacks " + variable);
            }
        }
        return new BrokerOptions(
                port("--port", required(given, "--port")),
                port("--application-port", given.getOrDefault("--application-port", "0")),
                port("--http-port", given.getOrDefault("--http-port", "0")),
                given.getOrDefault("--bind", "127.0.0.1"),
                number("--buckets", given.getOrDefault("--buckets", "4"), 1, 512),
                Path.of(required(given, "--data")).toAbsolutePath(),
                given.containsKey("--extension") ? Optional.of(file(given, "--extension")) : Optional.empty(),
                file(given, "--keystore"),
                file(given, "--truststore"),
                exitWithParent);
    }

    /** The same with another port. */
    BrokerOptions withPort(int chosen) {
        return new BrokerOptions(
                chosen,
                applicationPort,
                httpPort,
                bind,
                buckets,
                data,
                extension,
                keystore,
                truststore,
                exitWithParent);
    }

    private static String required(Map<String, String> given, String name) {
        String value = given.get(name);
        if (value == null) {
            throw new IllegalArgumentException(name + " is missing");
        }
        return value;
    }

    private static Path file(Map<String, String> given, String name) {
        Path path = Path.of(required(given, name)).toAbsolutePath();
        if (!Files.isReadable(path)) {
            throw new IllegalArgumentException(name + ": cannot read " + path);
        }
        return path;
    }

    private static int port(String name, String text) {
        return number(name, text, 0, 65_535);
    }

    private static int number(String name, String text, int least, int most) {
        try {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            // told below
        }
        throw new IllegalArgumentException(name + " must be " + least + " to " + most + ", not " + text);
    }
}
