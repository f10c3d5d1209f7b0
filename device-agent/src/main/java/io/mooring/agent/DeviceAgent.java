package io.mooring.agent;

import io.mooring.agent.cloud.CloudConnection;
import io.mooring.agent.cloud.SyncEngine;
import io.mooring.agent.command.CommandRunner;
import io.mooring.agent.db.LocalDatabase;
import io.mooring.agent.enrol.DataFolder;
import io.mooring.agent.enrol.IdentityStore;
import io.mooring.agent.enrol.Membership;
import io.mooring.agent.enrol.ProvisioningClient;
import io.mooring.agent.enrol.Registration;
import io.mooring.contracts.schema.Model;
import io.mooring.contracts.schema.SyncSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A device. Once started it joins its cloud by itself and stays in it; its rows can be read and
 * written at any time, on-line or not, also before it ever joined.
 */
public final class DeviceAgent implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DeviceAgent.class);
    private static final String DATABASE = "device.db";
    private static final String COMMAND = "Command";

    private final AgentConfig config;
    private final AgentRuntime runtime;
    private final boolean ownRuntime;
    private final SyncSchema schema;
    private final Consumer<AgentEvent> listener;
    private final DataFolder folder;
    private final IdentityStore.Device device;
    private final LifeCycle lifeCycle;
    private final Rows rows;
    private final Messages messages;
    private final CommandRunner commands;
    private final AccessKeys accessKeys;
    private final DeviceLogs logs;
    private final Metrics metrics;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition moved = lock.newCondition();
    private final ReentrantReadWriteLock aside = new ReentrantReadWriteLock();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile AgentState state = AgentState.STOPPED;
    private volatile LocalSide local;
    private boolean started;

    private DeviceAgent(
            AgentConfig config,
            AgentRuntime runtime,
            boolean ownRuntime,
            Consumer<AgentEvent> listener,
            DataFolder folder)
            throws IOException, SQLException {
        this.config = config;
        this.runtime = runtime;
        this.ownRuntime = ownRuntime;
        this.listener = listener;
        this.folder = folder;
        SyncSchema given = config.schema();
        schema = given == null ? Schemas.of(null) : given;
        IdentityStore identity = new IdentityStore(folder);
        device = identity.device(config.id(), Instant.now());
        local = openLocal();
        lifeCycle = new LifeCycle(this, config, runtime, identity, device);
        accessKeys = new AccessKeys(identity, new ProvisioningClient(runtime.http()));
        rows = new Rows(
                () -> local.access(), aside.readLock(), () -> local.engine().wake());
        messages = new Messages(runtime.agents(), this::tell);
        logs = new DeviceLogs(config, folder.file("logs"), messages, this::tell);
        Health health = new Health(this::backlog, logs::waiting, this::metrics);
        metrics = new Metrics(config, folder.file("metrics"), device.id(), messages, health, this::tell);
        commands =
                new CommandRunner(rows, BuiltInCommands.of(config, this), BuiltInCommands.SURVIVING, runtime.agents());
    }

    /**
     * Opens a device's folder; the device does not do anything yet.
     *
     * @param listener hears what happens, from one thread
     * @throws IOException if the folder cannot be used
     * @throws SQLException if the database cannot be used
     */
    public static DeviceAgent open(AgentConfig config, Consumer<AgentEvent> listener) throws IOException, SQLException {
        return open(config, AgentRuntime.trusting(config.authority(), 1), true, listener);
    }

    /** The same for one of many devices in a process, which share what they can. */
    public static DeviceAgent open(AgentConfig config, AgentRuntime runtime, Consumer<AgentEvent> listener)
            throws IOException, SQLException {
        return open(config, runtime, false, listener);
    }

    private static DeviceAgent open(
            AgentConfig config, AgentRuntime runtime, boolean ownRuntime, Consumer<AgentEvent> listener)
            throws IOException, SQLException {
        DataFolder folder = DataFolder.open(config.data());
        try {
            return new DeviceAgent(config, runtime, ownRuntime, listener, folder);
        } catch (IOException | SQLException | RuntimeException e) {
            folder.close();
            throw e;
        }
    }

    private LocalSide openLocal() throws SQLException {
        return LocalSide.open(
                folder.file(DATABASE), config, schema, device.id(), runtime.agents(), this::tell, this::caughtUp);
    }

    /** Starts to join the cloud, and to stay in it. */
    public DeviceAgent start() {
        lock.lock();
        try {
            if (started) {
                throw new IllegalStateException("device " + device.id() + " was started already");
            }
            started = true;
        } finally {
            lock.unlock();
        }
        if (!config.base()) {
            commands.start();
        }
        logs.start();
        metrics.start();
        runtime.agents().execute(() -> {
            try {
                lifeCycle.run();
            } finally {
                ended.countDown();
            }
        });
        return this;
    }

    /** The device's id, the same for ever. */
    public String id() {
        return device.id();
    }

    public AgentState state() {
        return state;
    }

    /** The device's rows. */
    public Rows rows() {
        return rows;
    }

    /** What goes to and fro beside rows. */
    public Messages messages() {
        return messages;
    }

    /** What the device measures. */
    public Metrics metrics() {
        return metrics;
    }

    /** The JDBC URL under which any process can open the device's database. */
    public String databaseUrl() {
        return LocalDatabase.url(folder.file(DATABASE));
    }

    /** The device's temporary access keys, for its own files and whatever else the cloud grants. */
    public AccessKeys accessKeys() {
        return accessKeys;
    }

    /** How many rows wait for the cloud to acknowledge them. */
    public long backlog() throws SQLException {
        aside.readLock().lock();
        try {
            return local.backlog();
        } finally {
            aside.readLock().unlock();
        }
    }

    /** How the cloud has set this device's sync, as far as it has said since this process started. */
    public SyncControl control() {
        return local.control();
    }

    /** How many messages of the cloud made no sense. */
    public long badMessages() {
        return local.badMessages();
    }

    /** Leaves the cloud until told to come back. What is written meanwhile waits. */
    public void goOffline() {
        lifeCycle.offline(true);
    }

    /** Comes back. */
    public void goOnline() {
        lifeCycle.offline(false);
    }

    /**
     * Has the device get a new certificate, with a new key, now and not only when it is time; {@link
     * AgentEvent.CertificateRenewed} tells when it is in use. If the device is not connected, as soon as it is.
     */
    public void renewCertificate() {
        lifeCycle.renewNow();
    }

    /**
     * Waits for a state.
     *
     * @return whether it came within the time
     */
    public boolean await(AgentState wanted, Duration time) throws InterruptedException {
        long nanos = time.toNanos();
        lock.lock();
        try {
            while (state != wanted) {
                if (nanos <= 0) {
                    return false;
                }
                nanos = moved.awaitNanos(nanos);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    void moved(AgentState next, String detail) {
        lock.lock();
        try {
            if (state == next && detail.isEmpty()) {
                return;
            }
            state = next;
            moved.signalAll();
        } finally {
            lock.unlock();
        }
        tell(new AgentEvent.StateChanged(next, detail));
    }

    private void caughtUp() {
        lifeCycle.caughtUp();
        if (state == AgentState.CATCHING_UP) {
            moved(AgentState.READY, "");
        }
    }

    void tell(AgentEvent event) {
        if (event instanceof AgentEvent.RowArrived arrived && arrived.model().equals(COMMAND)) {
            commands.wake();
        }
        try {
            listener.accept(event);
        } catch (RuntimeException e) {
            LOG.warn("A listener of {} failed at {}", device.id(), event, e);
        }
    }

    SyncEngine engine() {
        return local.engine();
    }

    void connected(CloudConnection connection) {
        local.engine().connected(connection);
        messages.connected(connection);
        logs.connected();
        metrics.connected();
    }

    void disconnected(CloudConnection connection) {
        messages.disconnected(connection);
        local.engine().disconnected(connection);
    }

    /** Asks for an update of the device's software; empty if the device has not joined yet. */
    Optional<ProvisioningClient.Answer> askUpdate() throws IOException, InterruptedException {
        return lifeCycle.askUpdate();
    }

    /** The cloud has too much to do. */
    void stayAway(Duration time) {
        lifeCycle.stayAway(time);
    }

    /** The device leaves its cloud and joins anew, as if it had been told that it was released. */
    void release() {
        lifeCycle.releaseNow();
    }

    /**
     * The device is a member. Had it belonged to another account before, that account's rows are none
     * of the new one's business: they are put aside in a file of their own.
     */
    void adopt(Membership membership, Registration registration) throws SQLException, IOException {
        String before = local.account().orElse(membership.account());
        if (!before.equals(membership.account())) {
            LOG.warn("{} belongs to account {} now, not {}", device.id(), membership.account(), before);
            putAside(before);
        }
        local.adopt(membership.account(), registration.fingerprint());
        describe();
    }

    private void putAside(String account) throws SQLException, IOException {
        aside.writeLock().lock();
        try {
            // First: if the power fails between, both are done another time.
            logs.forget();
            metrics.forget();
            local.close();
            String name =
                    "device-" + account.replaceAll("[^A-Za-z0-9_.-]", "_") + "-" + System.currentTimeMillis() + ".db";
            for (String part : new String[] {"", "-wal", "-shm"}) {
                if (Files.exists(folder.file(DATABASE + part))) {
                    folder.rename(DATABASE + part, name + part);
                }
            }
            local = openLocal();
        } finally {
            aside.writeLock().unlock();
        }
    }

    private void describe() throws SQLException {
        Map<String, @Nullable Object> self = new HashMap<>();
        self.put("name", config.name());
        self.put("description", config.description());
        self.put("model", config.deviceModel());
        self.put("created", device.created());
        self.put("answersCommands", config.base() ? null : true);
        self.values().removeIf(java.util.Objects::isNull);
        String key = "d#" + device.id();
        if (rows.get(Model.DEVICE_MODEL, key).isEmpty()) {
            rows.put(Model.DEVICE_MODEL, self);
        } else {
            rows.patch(Model.DEVICE_MODEL, key, self);
        }
    }

    /** Where the device keeps what it has. */
    public Path folder() {
        return config.data();
    }

    /** Leaves the cloud and closes the database; what was written stays, and goes up another time. */
    @Override
    public void close() throws IOException, SQLException {
        logs.close();
        metrics.close();
        commands.stop();
        lifeCycle.stop();
        boolean wasStarted;
        lock.lock();
        try {
            wasStarted = started;
        } finally {
            lock.unlock();
        }
        try {
            if (wasStarted && !ended.await(10, TimeUnit.SECONDS)) {
                LOG.warn("{} takes long to stop", device.id());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        moved(AgentState.STOPPED, "");
        local.close();
        folder.close();
        if (ownRuntime) {
            runtime.close();
        }
    }
}
