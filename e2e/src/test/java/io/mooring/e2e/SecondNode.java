package io.mooring.e2e;

import io.mooring.devstack.launcher.Devstack;
import io.mooring.devstack.launcher.process.ProcessPlan;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One more broker node of a cloud, started as its first is, which stays dead when it is killed. */
final class SecondNode implements AutoCloseable {
    static final String NAME = "node-2";

    private final ProcessPlan plan;
    private final int port;
    private Process process;

    private SecondNode(ProcessPlan plan, int port) throws IOException {
        this.plan = plan;
        this.port = port;
        this.process = launch();
    }

    /**
     * Starts it; devices are let in once it knows them.
     *
     * @param folder where it keeps its data
     */
    static SecondNode start(Devstack stack, Path folder) throws IOException {
        ProcessPlan first = stack.plans().stream()
                .filter(plan -> plan.command().contains("io.mooring.devstack.broker.BrokerMain"))
                .findFirst()
                .orElseThrow();
        int port = freePort();
        List<String> command = new ArrayList<>(first.command());
        replace(command, "--port", Integer.toString(port));
        replace(command, "--application-port", Integer.toString(freePort()));
        replace(command, "--data", folder.resolve("data").toString());
        command.replaceAll(
                argument -> argument.startsWith("-Djava.io.tmpdir=") ? "-Djava.io.tmpdir=" + folder : argument);
        Map<String, String> environment = new HashMap<>(first.environment());
        environment.put("MOORING_BRIDGE_NODE_ID", NAME);
        return new SecondNode(
                new ProcessPlan(
                        NAME,
                        command,
                        environment,
                        folder,
                        folder.resolve("log"),
                        first.readiness(),
                        first.readyWithin(),
                        first.runsAs(),
                        first.stopSignal(),
                        first.stopWithin()),
                port);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static void replace(List<String> command, String option, String value) {
        command.set(command.indexOf(option) + 1, value);
    }

    private Process launch() throws IOException {
        // The kernel ends it when we end, even by kill -9.
        List<String> command = new ArrayList<>(List.of("setpriv", "--pdeathsig", "KILL"));
        command.addAll(plan.command());
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(plan.workingDirectory().toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(plan.log().toFile()));
        builder.environment().clear();
        builder.environment().putAll(plan.environment());
        return builder.start();
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
            List<String> lines = Files.readAllLines(plan.log());
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
