package io.mooring.bridge.stack;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A JVM of one of the devstack's rooms, up to the line that says it is ready. */
public final class ChildProcess implements AutoCloseable {
    private static final long START_SECONDS = 180;
    private static final long STOP_SECONDS = 20;

    private final Process process;
    private final Queue<String> output = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<String> ready = new CompletableFuture<>();

    private ChildProcess(Process process) {
        this.process = process;
    }

    /**
     * Starts a JVM and waits until it is ready.
     *
     * @param room a folder with target/*.jar and target/lib
     */
    public static ChildProcess start(
            Path room,
            List<String> jvmOptions,
            String mainClass,
            List<String> args,
            Map<String, String> environment,
            String readyText)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions);
        command.add("-cp");
        Path target = room.resolve("target");
        command.add(target.resolve("mooring-devstack-" + room.getFileName() + ".jar") + ":" + target.resolve("lib/*"));
        command.add(mainClass);
        command.addAll(args);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        ChildProcess child = new ChildProcess(builder.start());
        // A test run that is killed must leave nothing behind.
        Runtime.getRuntime().addShutdownHook(new Thread(child::kill));
        child.read(mainClass, readyText);
        child.awaitReady(mainClass);
        return child;
    }

    private void read(String name, String readyText) {
        Thread reader = new Thread(
                () -> {
                    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
                        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                            output.add(line);
                            if (line.contains(readyText)) {
                                ready.complete(line);
                            }
                        }
                    } catch (IOException closed) {
                        // the process ended
                    }
                    ready.completeExceptionally(new IOException(name + " ended early"));
                },
                "output of " + name);
        reader.setDaemon(true);
        reader.start();
    }

    private void awaitReady(String name) throws IOException {
        try {
            ready.get(START_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException(interrupted);
        } catch (ExecutionException | TimeoutException failed) {
            kill();
            throw new IOException(name + " did not get ready; it said:\n" + String.join("\n", output), failed);
        }
    }

    /** The number that ends the line that said it is ready. */
    public int port() {
        String line = ready.join();
        return Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1).trim());
    }

    /** All lines so far. */
    public List<String> output() {
        return List.copyOf(output);
    }

    /** The operating system's id of it. */
    public long pid() {
        return process.pid();
    }

    /** Kills it, as if the machine had. */
    public void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** Stops it so that it stands still and keeps its connections, as a machine that hangs. */
    public void freeze() throws IOException {
        signal("STOP");
    }

    /** Ends what {@link #freeze} began. */
    public void thaw() throws IOException {
        signal("CONT");
    }

    private void signal(String name) throws IOException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
        if (kill.onExit().join().exitValue() != 0) {
            throw new IOException("could not send " + name);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                kill();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            kill();
        }
    }
}
