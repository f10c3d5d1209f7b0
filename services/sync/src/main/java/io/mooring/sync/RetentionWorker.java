package io.mooring.sync;

import io.mooring.chassis.Persistence;
import io.mooring.chassis.db.Database;
import io.mooring.sync.core.CloudSchema;
import io.mooring.sync.db.CloudStore;
import io.mooring.sync.db.ControlStore;
import io.mooring.sync.db.RetentionStore;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Forgets what only devices would need that have been away for longer than anything is kept: graves of removed rows, and
 * which rows changed when. First it is noted that such devices get everything anew; then it is forgotten.
 */
@Singleton
public class RetentionWorker {
    private static final Logger LOG = Logger.getLogger(RetentionWorker.class);
    private static final int MOST_AT_ONCE = 2000;
    private static final int MARKS = 24;

    private final Database database;
    private final SchemaHandler schemas;
    private final SyncStartup startup;
    private final Persistence persistence;
    private final SyncMetrics metrics;
    private final SyncConfig.Retention config;

    public RetentionWorker(
            Database database,
            SchemaHandler schemas,
            SyncStartup startup,
            Persistence persistence,
            SyncMetrics metrics,
            SyncConfig config) {
        this.database = database;
        this.schemas = schemas;
        this.startup = startup;
        this.persistence = persistence;
        this.metrics = metrics;
        this.config = config.retention();
    }

    void start(@Observes StartupEvent event) {
        Thread.ofVirtual().name("retention").start(() -> {
            while (persistence.pause(config.pause().toMillis())) {
                try {
                    if (startup.isPrepared()) {
                        forget();
                    }
                } catch (SQLException | RuntimeException e) {
                    LOG.warnf("could not forget what is old, trying again: %s", e);
                }
            }
        });
    }

    private void forget() throws SQLException {
        Duration kept = config.time();
        Duration interval = kept.dividedBy(MARKS);
        database.run(connection -> RetentionStore.mark(connection, interval));
        Optional<RetentionStore.Mark> due = database.read(connection -> RetentionStore.due(connection, kept));
        if (due.isEmpty()) {
            return;
        }
        for (String cloud : database.read(CloudStore::names)) {
            forget(schemas.of(cloud), due.get());
        }
        if (!persistence.isStopped()) {
            database.run(connection -> RetentionStore.seenTo(connection, due.get()));
        }
    }

    private void forget(CloudSchema cloud, RetentionStore.Mark mark) throws SQLException {
        boolean current = database.transact(connection -> {
            boolean same = RetentionStore.isCurrent(connection, mark);
            if (same) {
                CloudStore.resyncBefore(connection, cloud.cloud(), mark.place());
                ControlStore.changed(connection, cloud.cloud()); // catch-ups that are at work look again
            }
            return same;
        });
        // What was buried so long before the mark had been told by then, however far the stream lagged behind.
        Instant before = mark.at().minus(config.time().dividedBy(MARKS));
        long graves = 0;
        Optional<RetentionStore.Grave> grave = Optional.of(RetentionStore.Grave.NONE);
        while (grave.isPresent() && !persistence.isStopped()) {
            RetentionStore.Grave from = grave.get();
            grave = database.transact(
                    connection -> RetentionStore.pruneGraves(connection, cloud, before, from, MOST_AT_ONCE));
            graves += grave.map(RetentionStore.Grave::pruned).orElse(0);
        }
        long entries = 0;
        Optional<RetentionStore.Entry> entry = current ? Optional.of(RetentionStore.Entry.NONE) : Optional.empty();
        while (entry.isPresent() && !persistence.isStopped()) {
            RetentionStore.Entry from = entry.get();
            entry = database.transact(
                    connection -> RetentionStore.pruneIndex(connection, cloud.cloud(), mark, from, MOST_AT_ONCE));
            entries += entry.map(RetentionStore.Entry::pruned).orElse(0);
        }
        metrics.forgotten(graves, entries);
        LOG.infof(
                "cloud %s: forgot %d graves and %d places of before %s; devices that stand before get everything anew",
                cloud.cloud(), graves, entries, mark.at());
    }
}
