package io.mooring.sync;

import io.mooring.chassis.Persistence;
import io.mooring.chassis.TopicNames;
import io.mooring.chassis.db.Database;
import io.mooring.sync.db.SlotStore;
import io.mooring.sync.db.StreamStore;
import io.mooring.sync.db.StreamStore.SlotState;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the way down open: registers Debezium's connector, starts it again when it fails, watches its
 * replication slot, and begins a new epoch of the stream when the slot was lost, so that every device gets
 * everything anew rather than missing what nobody read.
 */
@Singleton
public class ConnectorSupervisor {
    private static final Logger LOG = Logger.getLogger(ConnectorSupervisor.class);
    private static final long FIRST_RESTART_MILLIS = 1000;
    private static final long SLOWEST_RESTART_MILLIS = 60_000;
    private static final long STOPPING_MILLIS = Duration.ofSeconds(60).toMillis();

    /**
     * How the way down is.
     *
     * @param open whether changes flow
     * @param detail what is wrong, or what the connector says of itself
     * @param slot the slot as last seen, or null
     */
    public record State(boolean open, String detail, SlotStore.@Nullable Slot slot) {}

    private final Database database;
    private final Persistence persistence;
    private final SyncMetrics metrics;
    private final SyncConfig config;
    private final TopicNames topics;
    private final String name;
    private volatile State state = new State(false, "not looked at yet", null);
    private long restartPauseMillis = FIRST_RESTART_MILLIS;
    private long restartAtNanos = System.nanoTime();

    public ConnectorSupervisor(
            Database database, Persistence persistence, SyncMetrics metrics, SyncConfig config, TopicNames topics) {
        this.database = database;
        this.persistence = persistence;
        this.metrics = metrics;
        this.config = config;
        this.topics = topics;
        this.name = config.cdc().name();
    }

    /** How the way down was when last looked at. */
    public State state() {
        return state;
    }

    /** Makes the slot, so that from here on nothing that is written can be missed. */
    void ensureSlot() throws SQLException {
        SlotState known = database.read(StreamStore::slotState);
        if (known == SlotState.NONE) {
            database.read(connection -> {
                SlotStore.ensure(connection);
                return true;
            });
            database.run(connection -> StreamStore.slotState(connection, SlotState.MADE));
        }
    }

    /** Watches until the service stops. To be run in a thread of its own. */
    void watch() {
        String url = config.connect().url().orElse(null);
        if (url == null) {
            state = new State(true, "looked after by somebody else", null);
            return;
        }
        ConnectClient connect = new ConnectClient(url);
        Map<String, String> wanted = ConnectorConfig.of(config.cdc(), topics);
        long pause;
        do {
            try {
                state = check(connect, wanted);
            } catch (IOException | SQLException | RuntimeException e) {
                note(new State(false, String.valueOf(e), state.slot()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            metrics.connectorUp(state.open());
            pause = state.open() ? config.connect().checkSeconds() * 1000L : 1000;
        } while (persistence.pause(pause));
    }

    private void note(State now) {
        if (!now.detail().equals(state.detail())) {
            LOG.infof("the way down is not open: %s", now.detail());
        }
        state = now;
    }

    private State check(ConnectClient connect, Map<String, String> wanted)
            throws IOException, SQLException, InterruptedException {
        SlotState known = database.read(StreamStore::slotState);
        Optional<SlotStore.Slot> slot = database.read(connection -> SlotStore.read(connection, SlotStore.NAME));
        slot.ifPresent(seen -> metrics.slotLag(seen.lagBytes()));
        if (known == SlotState.RENEWING || slot.isEmpty() || slot.get().isLost()) {
            renew(connect);
        }
        Map<String, String> config = connect.config(name).orElse(Map.of());
        if (!config.equals(wanted)) {
            LOG.infof("registering the connector '%s'", name);
            connect.configure(name, wanted);
        }
        ConnectClient.Status status =
                connect.status(name).orElse(new ConnectClient.Status("", "", "not registered yet"));
        boolean open = status.state().equals("RUNNING") && status.taskState().equals("RUNNING");
        if (open) {
            restartPauseMillis = FIRST_RESTART_MILLIS;
            if (!state.open()) {
                LOG.infof("the way down is open");
            }
        } else if (status.state().equals("STOPPED")) {
            connect.resume(name);
        } else if (status.state().equals("FAILED") || status.taskState().equals("FAILED")) {
            restart(connect, status);
        }
        State now = new State(open, "connector " + status.state() + ", task " + status.taskState(), slot.orElse(null));
        if (!open) {
            note(now);
        }
        return now;
    }

    private void restart(ConnectClient connect, ConnectClient.Status status) throws IOException, InterruptedException {
        if (System.nanoTime() - restartAtNanos < 0) {
            return;
        }
        LOG.warnf("the connector failed, starting it again: %s", firstLine(status.trace()));
        connect.restart(name);
        restartAtNanos = System.nanoTime() + restartPauseMillis * 1_000_000;
        restartPauseMillis = Math.min(restartPauseMillis * 2, SLOWEST_RESTART_MILLIS);
    }

    /**
     * The slot is gone, and with it changes that nobody read. It is made anew, and only then does a new epoch
     * begin, so that no device can catch up before changes are kept again. Can be cut short anywhere: it then
     * starts over.
     */
    private void renew(ConnectClient connect) throws IOException, SQLException, InterruptedException {
        LOG.error("the replication slot is lost: making it anew, all devices will get everything anew");
        database.run(connection -> StreamStore.slotState(connection, SlotState.RENEWING));
        if (connect.config(name).isPresent()) {
            connect.stop(name);
            awaitStopped(connect);
            connect.forgetOffsets(name);
        }
        database.read(connection -> {
            SlotStore.drop(connection);
            SlotStore.ensure(connection);
            return true;
        });
        database.run(connection -> {
            StreamStore.Stream stream = StreamStore.lock(connection);
            StreamStore.beginEpoch(connection, stream.topicId(), stream.next());
            StreamStore.slotState(connection, SlotState.MADE);
        });
        if (connect.config(name).isPresent()) {
            connect.resume(name);
        }
    }

    private void awaitStopped(ConnectClient connect) throws IOException, InterruptedException {
        long until = System.nanoTime() + STOPPING_MILLIS * 1_000_000;
        while (System.nanoTime() - until < 0) {
            Optional<ConnectClient.Status> status = connect.status(name);
            if (status.isEmpty() || status.get().state().equals("STOPPED")) {
                return;
            }
            if (!persistence.pause(200)) {
                throw new InterruptedException("the service stops");
            }
        }
        throw new IOException("the connector does not stop");
    }

    private static String firstLine(String trace) {
        int end = trace.indexOf('\n');
        return end < 0 ? trace : trace.substring(0, end);
    }
}
