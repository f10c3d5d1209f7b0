package io.mooring.e2e;

import static org.awaitility.Awaitility.await;

import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Ports;
import io.mooring.devstack.launcher.cli.RunningCloud;
import io.mooring.devstack.launcher.parts.DataTree;
import io.mooring.devstack.launcher.place.DataFolder;
import io.mooring.devstack.launcher.place.RunState;
import io.mooring.devstack.launcher.place.RunState.RunningProcess;
import io.mooring.devstack.launcher.place.Secrets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A whole cloud as a user starts one, with {@code ./mooring up}. What is known of it is what that keeps in its data folder
 * for other commands.
 */
final class LocalCloud implements AutoCloseable {
    private static final String PORT_OFFSET = "4321";
    private static final Duration START = Duration.ofMinutes(4);
    private static final Duration READY = Duration.ofMinutes(3);
    private static final long STOP_SECONDS = 60;

    private final Path parent;
    private final Process up;
    private final DataFolder folder;
    private final Ports ports;
    private final String topicsPrefix;
    private final CloudAccess access;

    private LocalCloud(Path parent, Process up) {
        this.parent = parent;
        this.up = up;
        this.folder = DataFolder.look(data(parent));
        RunState state = state();
        this.ports = state.ports();
        this.topicsPrefix = state.topicsPrefix();
        this.access = CloudAccess.of(RunningCloud.of(folder, state).environment());
    }

    private static Path data(Path parent) {
        return parent.resolve("data");
    }

    /**
     * Starts one that sends its traces somewhere, those that others began.
     *
     * @param traces base URL of a collector
     */
    static LocalCloud start(String traces) throws IOException {
        Path parent = Files.createTempDirectory("mooring-e2e");
        // It stays, for whoever looks for what went wrong.
        Path log = Files.createDirectories(Path.of("target")).resolve("up.log").toAbsolutePath();
        ProcessBuilder builder = new ProcessBuilder(
                        "./mooring",
                        "up",
                        "--no-demo",
                        "--brief",
                        "--data",
                        data(parent).toString(),
                        "--port-offset",
                        PORT_OFFSET,
                        "--traces",
                        traces)
                .directory(House.root().toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment()
                .putAll(Map.of("OTEL_TRACES_SAMPLER", "parentbased_always_off", "OTEL_BSP_SCHEDULE_DELAY", "500"));
        Process up = builder.start();
        // A test run that is killed must leave nothing behind.
        Runtime.getRuntime().addShutdownHook(new Thread(up::destroy));
        try {
            await().atMost(START).until(() -> {
                String said = Files.readString(log);
                if (!up.isAlive()) {
                    throw new IllegalStateException("./mooring up ended; it said: " + said);
                }
                return said.contains("started");
            });
            return new LocalCloud(parent, up);
        } catch (RuntimeException failed) {
            up.destroy();
            throw failed;
        }
    }

    private RunState state() {
        return RunState.of(folder);
    }

    private RunningProcess process(Component component) {
        return process(component.label());
    }

    private RunningProcess process(String name) {
        return state().processes().stream()
                .filter(process -> process.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** The data folder. */
    Path folder() {
        return folder.path();
    }

    /** PEM of the root authority. */
    Path authorityFile() {
        return access.authority();
    }

    /** Passwords and tokens. */
    Secrets secrets() {
        return folder.secrets();
    }

    Ports ports() {
        return ports;
    }

    int port(Component component) {
        return ports.of(component);
    }

    String topicsPrefix() {
        return topicsPrefix;
    }

    String bootstrapServers() {
        return access.kafka();
    }

    /** Where operators, applications and devices reach a service. */
    String url(Component component) {
        return "https://localhost:" + ports.of(component);
    }

    /** Where other services reach a service that has no other users. */
    String innerUrl(Component component) {
        return "http://127.0.0.1:" + ports.of(component);
    }

    /** A new connection to the database as a role. */
    Connection connection(String role) throws SQLException {
        return DriverManager.getConnection(access.jdbcUrl(), role, secrets().rolePassword(role));
    }

    /** How to get in. */
    CloudAccess access() {
        return access;
    }

    /** The id of a component's process; 0 while it does not run. */
    long pid(Component component) {
        return process(component).pid();
    }

    /** Kills a component's process (signal 9); it is started again, as after any death. Returns when its death was noticed. */
    void kill(Component component) {
        kill(List.of(component));
    }

    /** The same for several, all at once. */
    void kill(List<Component> components) {
        List<RunningProcess> victims = components.stream().map(this::process).toList();
        victims.forEach(victim -> ProcessHandle.of(victim.pid()).orElseThrow().destroyForcibly());
        await().atMost(READY)
                .until(() -> victims.stream()
                        .allMatch(victim -> process(victim.name()).deaths() > victim.deaths()));
    }

    /** Waits until a component is ready. */
    void awaitReady(Component component) {
        await().atMost(READY).until(() -> process(component).state().equals("ready"));
    }

    /** Ends it as Ctrl-C does. */
    @Override
    public void close() {
        up.destroy();
        try {
            if (!up.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                up.destroyForcibly();
                throw new IllegalStateException("./mooring up did not end within " + STOP_SECONDS + " s");
            }
            DataTree.delete(parent);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (IOException notDeleted) {
            throw new UncheckedIOException(notDeleted);
        }
    }
}
