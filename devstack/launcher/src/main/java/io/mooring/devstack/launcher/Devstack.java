package io.mooring.devstack.launcher;

import io.mooring.devstack.launcher.parts.ComponentPlans;
import io.mooring.devstack.launcher.parts.DataTree;
import io.mooring.devstack.launcher.parts.KafkaTopics;
import io.mooring.devstack.launcher.parts.Postgresql;
import io.mooring.devstack.launcher.parts.ServerCertificate;
import io.mooring.devstack.launcher.place.DataFolder;
import io.mooring.devstack.launcher.place.Installation;
import io.mooring.devstack.launcher.place.RunState.RunningProcess;
import io.mooring.devstack.launcher.place.Secrets;
import io.mooring.devstack.launcher.process.ProcessPlan;
import io.mooring.devstack.launcher.process.ProcessState;
import io.mooring.devstack.launcher.process.StartException;
import io.mooring.devstack.launcher.process.Supervised;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A running cloud, or as much of one as was asked for. All processes end with it, and with the JVM
 * it runs in. Safe for use by several threads.
 */
public final class Devstack implements AutoCloseable {
    private static final Duration READY_WITHIN = Duration.ofSeconds(180);
    /** As few as there can be for what depends on there being several. */
    private static final int PARTITIONS_IN_BRIEF = 3;

    /** What no device needs to join. */
    private static final List<Component> LATER =
            List.of(Component.MESSAGING, Component.METRICS, Component.LOGS, Component.FILES, Component.AUDIT);

    private final DataFolder folder;
    private final boolean temporary;
    private final Ports ports;
    private final Set<Component> components;
    private final Postgresql postgresql;
    private final ServerCertificate certificate;
    private final ComponentPlans plans;
    private final DevstackBuilder settings;
    private final Fleet fleet;
    private final ExecutorService tasks = Executors.newVirtualThreadPerTaskExecutor();
    private final Thread endsWithTheJvm = new Thread(this::stopAll, "stops-devstack");
    private @Nullable TrustKeeper trustKeeper;
    private boolean stopped;

    /** A cloud to be put together. */
    public static DevstackBuilder builder() {
        return new DevstackBuilder();
    }

    Devstack(DevstackBuilder settings, Installation installation, DataFolder folder, boolean temporary) {
        this.settings = settings;
        this.fleet = new Fleet(settings.notices(), settings.restarts());
        this.folder = folder;
        this.temporary = temporary;
        this.ports = settings.ports();
        this.components = settings.components();
        this.postgresql = new Postgresql(installation, folder, ports.postgresql(), settings.isBrief());
        this.certificate = new ServerCertificate(
                folder.tls(),
                folder.secrets().keystorePassword(),
                List.of("localhost", "127.0.0.1"),
                "http://127.0.0.1:" + ports.certificateAuthority(),
                folder.secrets().serviceToken("launcher", "certificates"),
                Clock.systemUTC());
        this.plans = new ComponentPlans(
                installation,
                folder,
                ports,
                settings.routes(),
                settings.topicsPrefix(),
                postgresql,
                certificate,
                settings.environments(),
                settings.flags(),
                settings.isBrief(),
                settings.isTraining());
    }

    /** Starts what was asked for, side by side where nothing must wait; all or nothing. */
    void startAll() throws InterruptedException {
        Runtime.getRuntime().addShutdownHook(endsWithTheJvm);
        try {
            postgresql.awaitFormerServer();
            List<String> taken = ports.taken(components);
            if (!taken.isEmpty()) {
                throw new StartException((taken.size() == 1 ? "port " : "ports ") + String.join(", ", taken)
                        + (taken.size() == 1 ? " is" : " are")
                        + " taken: stop what listens there, or move all ports with --port-offset N");
            }
            startInOrder();
        } catch (RuntimeException | InterruptedException failed) {
            close();
            throw failed;
        }
    }

    private int partitions() {
        return settings.isBrief() ? PARTITIONS_IN_BRIEF : Integer.MAX_VALUE;
    }

    /** What a device needs to join and to have its rows in step; then, on cores that are free again, all else. */
    private void startInOrder() throws InterruptedException {
        CompletableFuture<Void> database = step(Component.POSTGRESQL, postgresql::bootstrap);
        CompletableFuture<Void> kafka = step(
                Component.KAFKA, () -> KafkaTopics.create(bootstrapServers(), settings.topicsPrefix(), partitions()));
        CompletableFuture<Void> authority = after(database, Component.CERTIFICATE_AUTHORITY);
        CompletableFuture<Void> server = components.contains(Component.CERTIFICATE_AUTHORITY) && !certificate.isGood()
                ? authority.thenRunAsync(() -> run(certificate::renew), tasks)
                : CompletableFuture.completedFuture(null);
        List<CompletableFuture<Void>> main = List.of(
                database,
                kafka,
                server,
                authority,
                after(kafka, Component.CONNECT),
                after(CompletableFuture.allOf(kafka, server), Component.BROKER),
                after(CompletableFuture.allOf(database, server), Component.PROVISIONING),
                after(CompletableFuture.allOf(database, kafka), Component.SYNC));
        CompletableFuture<Void> devicesJoin = CompletableFuture.allOf(main.toArray(CompletableFuture[]::new))
                .thenRunAsync(() -> settings.onceDevicesJoin().accept(this), tasks);
        List<CompletableFuture<Void>> all = new ArrayList<>(main);
        all.add(devicesJoin);
        for (Component component : LATER) {
            all.add(after(devicesJoin, component));
        }
        awaitAll(all);
        if (components.contains(Component.BROKER)) {
            trustKeeper = TrustKeeper.start(certificate, settings.notices());
        }
    }

    /** All of them, or the first that fails: the others are not waited for then. */
    private static void awaitAll(List<CompletableFuture<Void>> steps) throws InterruptedException {
        CompletableFuture<Void> first = new CompletableFuture<>();
        for (CompletableFuture<Void> step : steps) {
            step.whenComplete((done, problem) -> {
                if (problem != null) {
                    first.completeExceptionally(problem);
                }
            });
        }
        CompletableFuture.allOf(steps.toArray(CompletableFuture[]::new)).thenRun(() -> first.complete(null));
        try {
            first.get();
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause();
            while (cause instanceof CompletionException && cause.getCause() != null) {
                cause = cause.getCause();
            }
            throw cause instanceof StartException said
                    ? said
                    : new StartException("the start failed: " + cause, cause == null ? failed : cause);
        }
    }

    /** Something that waits. */
    private interface Work {
        void run() throws InterruptedException;
    }

    private CompletableFuture<Void> step(Component component, Work then) {
        if (!components.contains(component)) {
            return CompletableFuture.completedFuture(null);
        }
        return CompletableFuture.runAsync(
                () -> run(() -> {
                    launch(component);
                    then.run();
                }),
                tasks);
    }

    private CompletableFuture<Void> after(CompletableFuture<Void> before, Component component) {
        if (!components.contains(component)) {
            return CompletableFuture.completedFuture(null);
        }
        return before.thenRunAsync(() -> run(() -> launch(component)), tasks);
    }

    private static void run(Work work) {
        try {
            work.run();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new CompletionException(stopped);
        }
    }

    private void launch(Component component) throws InterruptedException {
        fleet.launch(component, plans.of(component));
    }

    /** JDBC's URL of the database all services share. */
    public String jdbcUrl() {
        return postgresql.jdbcUrl();
    }

    /** The password of a role of deploy/postgresql/bootstrap.sql, or of {@code postgres}. */
    public String password(String role) {
        return folder.secrets().rolePassword(role);
    }

    /** A new connection to the database as a role. */
    public Connection connection(String role) throws SQLException {
        return postgresql.connect(role);
    }

    /** Where Kafka is. */
    public String bootstrapServers() {
        return "127.0.0.1:" + ports.kafka();
    }

    /** The prefix of all topics. */
    public String topicsPrefix() {
        return settings.topicsPrefix();
    }

    /** Where a component's users reach it. */
    public String url(Component component) {
        int port = ports.of(component);
        return switch (component) {
            case POSTGRESQL -> jdbcUrl();
            case KAFKA -> bootstrapServers();
            case CONNECT, CERTIFICATE_AUTHORITY, SYNC -> "http://127.0.0.1:" + port;
            case PROVISIONING, FILES, MESSAGING, METRICS, LOGS, AUDIT -> "https://localhost:" + port;
            case BROKER -> "mqtts://localhost:" + port;
        };
    }

    public int port(Component component) {
        return ports.of(component);
    }

    public Ports ports() {
        return ports;
    }

    /** What was asked for, and all that it needs. */
    public Set<Component> components() {
        return components;
    }

    /** Passwords and tokens of this cloud. */
    public Secrets secrets() {
        return folder.secrets();
    }

    /** PEM of the root authority: whoever trusts it trusts this cloud's API and broker. */
    public Path authorityFile() {
        return certificate.authorityFile();
    }

    public Path dataDir() {
        return folder.path();
    }

    /** The log of a component. */
    public Path log(Component component) {
        return folder.log(component.label());
    }

    /** Kills a component's process (signal 9); it is started again, as after any death. */
    public void kill(Component component) {
        fleet.of(component).kill();
    }

    /** Stops a component cleanly; it stays down until {@link #start}. */
    public void stop(Component component) {
        fleet.of(component).stop();
    }

    /** Starts a stopped component; {@link #awaitReady} waits for it. */
    public void start(Component component) {
        fleet.of(component).start();
    }

    /** Stops a component cleanly, starts it again and waits until it is ready. */
    public void restart(Component component) {
        stop(component);
        start(component);
        awaitReady(component);
    }

    /**
     * Waits until a component is ready, for 3 minutes at most.
     *
     * @throws StartException if it is not by then
     */
    public void awaitReady(Component component) {
        try {
            fleet.of(component).awaitReady(READY_WITHIN);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new StartException("waiting for " + component.label() + " was interrupted", stopped);
        }
    }

    public boolean isReady(Component component) {
        return fleet.of(component).state() == ProcessState.READY;
    }

    /** The id of a component's process; empty while it does not run. */
    public OptionalLong pid(Component component) {
        return fleet.of(component).pid();
    }

    /** How often a component died. */
    public int deaths(Component component) {
        return fleet.of(component).deaths();
    }

    /** Stops all, the last started first, and deletes the data folder if it is temporary. */
    @Override
    public void close() {
        stopAll();
        try {
            Runtime.getRuntime().removeShutdownHook(endsWithTheJvm);
        } catch (IllegalStateException alreadyEnding) {
            // The hook stops what is left.
        }
    }

    private synchronized void stopAll() {
        if (stopped) {
            return;
        }
        boolean anything = fleet.close();
        if (anything) {
            settings.notices().stopping();
        }
        if (trustKeeper != null) {
            trustKeeper.close();
        }
        fleet.stop();
        tasks.shutdownNow();
        stopped = true;
        try {
            // Before the lock is given up: whoever takes it next writes its own.
            Files.deleteIfExists(folder.state());
            folder.close();
            if (temporary) {
                DataTree.delete(folder.path());
            }
        } catch (IOException notDeleted) {
            settings.notices().note("not everything could be deleted: " + notDeleted.getMessage());
        }
        if (anything) {
            settings.notices().stopped();
        }
    }

    /** Runs one more process, which is stopped before all others. */
    public Supervised keep(ProcessPlan plan) {
        return fleet.keep(plan);
    }

    /** What runs, in the order of starting. */
    public List<RunningProcess> processes() {
        return fleet.describe(this::url);
    }

    /** See {@link ComponentPlans#startOptions}; for a process that is {@linkplain #keep kept} beside the components. */
    public List<String> startOptions(String program) {
        return plans.startOptions(program);
    }

    /** See {@link ComponentPlans#stopWithin}. */
    public Duration stopWithin(Duration otherwise) {
        return plans.stopWithin(otherwise);
    }

    /** How each of its processes was started, on a JVM or not. */
    public List<ProcessPlan> plans() {
        return fleet.plans();
    }

    /** The data folder, held as long as this runs. */
    public DataFolder folder() {
        return folder;
    }
}
