package io.mooring.agent;

import io.mooring.agent.cloud.RowReceiver;
import io.mooring.agent.cloud.SyncCodec;
import io.mooring.agent.cloud.SyncEngine;
import io.mooring.agent.db.Adoption;
import io.mooring.agent.db.ChangeQueue;
import io.mooring.agent.db.LocalDatabase;
import io.mooring.agent.db.RemoteRows;
import io.mooring.agent.db.RowAccess;
import io.mooring.agent.db.RowStore;
import io.mooring.agent.db.Settings;
import io.mooring.contracts.schema.SyncSchema;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongUnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A device's database with all that works on it. */
final class LocalSide implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocalSide.class);

    private final LocalDatabase database;
    private final ChangeQueue queue;
    private final RowReceiver receiver;
    private final RowAccess access;
    private final SyncEngine engine;
    private final CountDownLatch ended = new CountDownLatch(1);

    private LocalSide(
            LocalDatabase database, AgentConfig config, String id, Consumer<AgentEvent> listener, Runnable caughtUp)
            throws SQLException {
        this.database = database;
        RowStore rows = new RowStore();
        queue = new ChangeQueue(rows, id, config.clock()::millis, systemToDevice(config.clock()), config.base());
        database.change(queue::restoreClock);
        RemoteRows remote = new RemoteRows(rows, queue, id);
        SyncCodec codec = new SyncCodec(id, config.base());
        receiver = new RowReceiver(database, rows, queue, remote, codec, listener, caughtUp);
        access = new RowAccess(database, rows);
        engine = new SyncEngine(database, rows, queue, receiver, codec, config.sync(), listener);
    }

    /** Opens the database and starts to work on it. */
    static LocalSide open(
            Path file,
            AgentConfig config,
            SyncSchema schema,
            String id,
            Executor executor,
            Consumer<AgentEvent> listener,
            Runnable caughtUp)
            throws SQLException {
        LocalDatabase database = LocalDatabase.open(file, schema, id, config.cacheKilobytes());
        LocalSide side = new LocalSide(database, config, id, listener, caughtUp);
        executor.execute(() -> {
            try {
                side.engine.run();
            } finally {
                side.ended.countDown();
            }
        });
        side.engine.wake();
        return side;
    }

    /** How to have a time of the system's clock, which the triggers read, by the device's. */
    private static LongUnaryOperator systemToDevice(Clock clock) {
        return clock.equals(Clock.systemUTC())
                ? LongUnaryOperator.identity()
                : millis -> millis + clock.millis() - System.currentTimeMillis();
    }

    SyncEngine engine() {
        return engine;
    }

    RowAccess access() {
        return access;
    }

    SyncControl control() {
        return receiver.control();
    }

    long badMessages() {
        return receiver.badMessages();
    }

    long backlog() throws SQLException {
        return database.read(queue::depth);
    }

    /** Whose the device was when it last knew. */
    Optional<String> account() throws SQLException {
        return database.read(db -> Optional.ofNullable(Settings.get(db, Settings.ACCOUNT)));
    }

    void adopt(String account, String registration) throws SQLException {
        database.change(db -> Adoption.adopt(db, queue, account, registration));
        engine.wake();
    }

    @Override
    public void close() throws SQLException {
        engine.stop();
        try {
            // a listener that uses the database, or closes the device, would wait for itself
            if (!ended.await(5, TimeUnit.SECONDS)) {
                LOG.warn("{}: a listener takes long", database.file());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        database.close();
    }
}
