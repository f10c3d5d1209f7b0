package io.mooring.devstack.launcher;

import io.mooring.contracts.kafka.Topic;
import io.mooring.contracts.trace.TraceSettings;
import io.mooring.devstack.launcher.place.DataFolder;
import io.mooring.devstack.launcher.place.Installation;
import io.mooring.devstack.launcher.process.Notices;
import io.mooring.devstack.launcher.process.StartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Puts a {@link Devstack} together. */
public final class DevstackBuilder {
    private final Set<Component> wanted = EnumSet.noneOf(Component.class);
    private final Map<Component, Map<String, String>> environments = new EnumMap<>(Component.class);
    private final Map<Component, List<String>> flags = new EnumMap<>(Component.class);
    private final List<Route> routes = new ArrayList<>();
    private @Nullable Path dataDir;
    private @Nullable Ports ports;
    private String topicsPrefix = Topic.DEFAULT_PREFIX;
    private Notices notices = new ErrorStreamNotices();
    private Consumer<Devstack> onceDevicesJoin = stack -> {};
    private boolean restarts = true;
    private boolean brief;
    private boolean training;

    DevstackBuilder() {}

    /** Wants these; what they need is started with them. */
    public DevstackBuilder with(Component... components) {
        wanted.addAll(List.of(components));
        return this;
    }

    /** Wants all there are. */
    public DevstackBuilder withAll() {
        return with(Component.values());
    }

    /** Keeps its data here, and goes on with what is there. Without it: a temporary folder. */
    public DevstackBuilder dataDir(Path path) {
        dataDir = path;
        return this;
    }

    /** Listens there. Without it: where nobody listens. */
    public DevstackBuilder ports(Ports chosen) {
        ports = chosen;
        return this;
    }

    /** Another prefix of all topics than {@code mooring}. */
    public DevstackBuilder topicsPrefix(String prefix) {
        topicsPrefix = prefix;
        return this;
    }

    /** Gives a component these variables of the environment in addition, or instead of its own. */
    public DevstackBuilder environment(Component component, Map<String, String> variables) {
        environments.put(component, Map.copyOf(variables));
        return this;
    }

    /** Has traces sent to an OTLP/HTTP endpoint, such as {@code http://localhost:4318}: every one that anything begins. */
    public DevstackBuilder traces(String endpoint) {
        Component.TRACING.forEach(component -> {
            Map<String, String> variables = new HashMap<>(environments.getOrDefault(component, Map.of()));
            variables.put(TraceSettings.ENDPOINT, endpoint);
            environments.put(component, Map.copyOf(variables));
        });
        return this;
    }

    /** Gives a component's JVM these flags in addition, or instead of its own, such as {@code -Xmx1g}. */
    public DevstackBuilder flags(Component component, String... more) {
        flags.put(component, List.of(more));
        return this;
    }

    /** Sends a component another way to PostgreSQL or Kafka. */
    public DevstackBuilder route(Route route) {
        routes.add(route);
        return this;
    }

    /** Tells somebody what becomes of processes. Without it: stderr. */
    public DevstackBuilder notices(Notices told) {
        notices = told;
        return this;
    }

    /** Does this as soon as devices can join, before what they can do without is started; what fails here fails the start. */
    public DevstackBuilder onceDevicesJoin(Consumer<Devstack> task) {
        onceDevicesJoin = task;
        return this;
    }

    /** Whether dead processes are started again; they are without a word here. */
    public DevstackBuilder restarts(boolean wish) {
        restarts = wish;
        return this;
    }

    /**
     * Lives for minutes, as in a test: no JVM has a second compiler, which takes more processor time than
     * it can give back so soon.
     */
    public DevstackBuilder brief() {
        brief = true;
        return this;
    }

    /** Has each JVM note down at its end what it has loaded: see {@link io.mooring.devstack.launcher.parts.StartCache}. */
    public DevstackBuilder training() {
        training = true;
        return this;
    }

    /**
     * Starts all and waits until all are ready.
     *
     * @throws StartException with one sentence for people, if anything failed; nothing runs then
     */
    public Devstack start() {
        Installation installation = Installation.find();
        boolean temporary = dataDir == null;
        DataFolder folder = DataFolder.take(dataDir == null ? temporaryFolder() : dataDir);
        if (ports == null) {
            ports = Ports.free();
        }
        Devstack stack;
        try {
            stack = new Devstack(this, installation, folder, temporary);
        } catch (RuntimeException failed) {
            folder.close();
            throw failed;
        }
        try {
            stack.startAll();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new StartException("the start was interrupted", stopped);
        }
        return stack;
    }

    private static Path temporaryFolder() {
        try {
            Path folder = Files.createTempDirectory("mooring-");
            // PostgreSQL may run as another user, who must be able to pass.
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
            return folder;
        } catch (IOException notMade) {
            throw new StartException("no temporary folder could be made: " + notMade.getMessage(), notMade);
        }
    }

    Ports ports() {
        return ports == null ? Ports.free() : ports;
    }

    Set<Component> components() {
        return Component.withNeeds(wanted);
    }

    String topicsPrefix() {
        return topicsPrefix;
    }

    Map<Component, Map<String, String>> environments() {
        return environments;
    }

    Map<Component, List<String>> flags() {
        return flags;
    }

    List<Route> routes() {
        return List.copyOf(routes);
    }

    Notices notices() {
        return notices;
    }

    Consumer<Devstack> onceDevicesJoin() {
        return onceDevicesJoin;
    }

    boolean restarts() {
        return restarts;
    }

    boolean isBrief() {
        return brief;
    }

    boolean isTraining() {
        return training;
    }
}
