package io.mooring.e2e;

import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** One more broker node of a cloud, started as its first is, which stays dead when it is killed. */
final class SecondNode implements AutoCloseable {
    static final String NAME = "node-2";
    private static final Pattern ZERO = Pattern.compile("\0");

    private final List<String> command;
    private final Map<String, String> environment;
    private final Path folder;
    private final int port;
    private Process process;

    private SecondNode(List<String> command, Map<String, String> environment, Path folder, int port)
            throws IOException {
        // The kernel ends it when we end, even by kill -9.
        this.command = Stream.concat(Stream.of("setpriv", "--pdeathsig", "KILL"), command.stream())
                .toList();
        this.environment = environment;
        this.folder = folder;
        this.port = port;
        this.process = launch();
    }

    /**
     * Starts it; devices are let in once it knows them.
     *
     * @param folder where it keeps its data
     */
    static SecondNode start(LocalCloud cloud, Path folder) throws IOException {
        // What is running says best how it was started.
        Path first = Path.of("/proc", Long.toString(cloud.pid(Component.BROKER)));
        int port = Ports.anyFree();
        List<String> command = new ArrayList<>(strings(first.resolve("cmdline")));
        replace(command, "--port", Integer.toString(port));
        replace(command, "--application-port", Integer.toString(Ports.anyFree()));
        replace(command, "--data", folder.resolve("data").toString());
        command.replaceAll(
                argument -> argument.startsWith("-Djava.io.tmpdir=") ? "-Djava.io.tmpdir=" + folder : argument);
        Map<String, String> environment = new HashMap<>();
        for (String variable : strings(first.resolve("environ"))) {
            int equals = variable.indexOf('=');
            environment.put(variable.substring(0, equals), variable.substring(equals + 1));
        }
        environment.put("MOORING_BRIDGE_NODE_ID", NAME);
        return new SecondNode(command, environment, folder, port);
    }

    /** Strings that each end with a zero byte (proc(5)). */
    private static List<String> strings(Path file) throws IOException {
        return ZERO.splitAsStream(Files.readString(file))
                .filter(string -> !string.isEmpty())
                .toList();
    }

    private static void replace(List<String> command, String option, String value) {
        command.set(command.indexOf(option) + 1, value);
    }

    private Process launch() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
        builder.environment().clear();
        builder.environment().putAll(environment);
        return builder.start();
    }

    private Path log() {
        return folder.resolve("log");
    }

    /** Where devices connect. */
    int port() {
        return port;
    }

    /** Kills it (signal 9). */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /** Starts it again, with the same data. */
    void startAgain() throws IOException {
        process = launch();
    }

    /** What it said last, for whoever looks for what went wrong. */
    @Override
    public String toString() {
        try {
            List<String> lines = Files.readAllLines(log());
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
        } catch (IOException unreadable) {
            return unreadable.toString();
        }
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            kill();
        }
    }
}
