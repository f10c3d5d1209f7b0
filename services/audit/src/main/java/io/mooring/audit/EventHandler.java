package io.mooring.audit;

import io.mooring.audit.db.ArchiveStore;
import io.mooring.audit.db.EventStore;
import io.mooring.audit.db.EventStore.Taken;
import io.mooring.audit.db.PositionStore;
import io.mooring.audit.db.SourceStore;
import io.mooring.chassis.db.Database;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Takes records in: each once, however often Kafka brings it. */
@Singleton
public class EventHandler {
    private final Database database;
    private final long mostWaiting;
    private final Clock clock = Clock.systemUTC();

    public EventHandler(Database database, AuditConfig config) {
        this.database = database;
        this.mostWaiting = config.limits().waiting();
    }

    /** Whether so many records wait for the store that no more should be taken. */
    public boolean isFull() throws SQLException {
        return database.read(ArchiveStore::waiting) >= mostWaiting;
    }

    /**
     * Takes a batch; when this returns, it is committed.
     *
     * @return the records whose ids belong to others already
     */
    public List<Taken> take(List<Taken> batch) throws SQLException {
        Instant now = clock.instant();
        return database.transact(connection -> {
            long last = EventStore.hold(connection);
            Map<UUID, byte[]> known = new HashMap<>(EventStore.known(
                    connection, batch.stream().map(taken -> taken.record().id()).toList()));
            List<Taken> fresh = new ArrayList<>();
            List<Taken> impostors = new ArrayList<>();
            for (Taken taken : batch) {
                byte[] before = known.putIfAbsent(taken.record().id(), taken.bytes());
                if (before == null) {
                    fresh.add(taken);
                } else if (!Arrays.equals(before, taken.bytes())) {
                    impostors.add(taken);
                }
            }
            EventStore.add(connection, last, fresh, now);
            SourceStore.add(connection, fresh.stream().map(Taken::record).toList(), now);
            return impostors;
        });
    }

    /** Notes up to where the topic was read: after all of it was taken, or is in the dead letters. */
    public void read(String topicId, Map<Integer, Long> next) throws SQLException {
        database.run(connection -> PositionStore.set(connection, topicId, next));
    }
}
