package io.mooring.devstack.connect;

import java.util.List;
import org.apache.kafka.connect.cli.ConnectDistributed;
import org.apache.kafka.connect.runtime.Connect;

/**
 * Runs one Kafka Connect worker until it is told to stop (SIGTERM). Says {@code connect ready on
 * port N} on stdout once its REST interface is open; it answers 404 for a little longer, until the
 * worker has joined its group. Exit codes: 2, wrong options; 1, it could not start; each with one
 * sentence on stderr.
 */
public final class ConnectMain {
    private ConnectMain() {}

    public static void main(String[] arguments) {
        ConnectOptions options;
        try {
            options = ConnectOptions.parse(List.of(arguments));
        } catch (IllegalArgumentException wrongOptions) {
            System.err.println("connect: " + wrongOptions.getMessage());
            System.exit(2);
            return;
        }
        try {
            // Stops itself by a shutdown hook of its own.
            Connect<?> connect = new ConnectDistributed().startConnect(options.properties(System.getenv()));
            System.out.println("connect ready on port " + options.port());
            connect.awaitStop();
        } catch (RuntimeException failed) {
            System.err.println("connect: could not start: " + failed.getMessage());
            failed.printStackTrace(System.err);
            Runtime.getRuntime().halt(1);
        }
    }
}
