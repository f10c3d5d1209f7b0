package io.mooring.sync;

import io.mooring.chassis.Persistence;
import io.mooring.chassis.db.Database;
import io.mooring.sync.db.ConflictStore;
import io.mooring.sync.db.HistoryStore;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Lets go of what is kept only for a while. Several instances may do so at once. */
@Singleton
public class Retention {
    private static final Logger LOG = Logger.getLogger(Retention.class);

    private final Database database;
    private final Persistence persistence;
    private final SyncConfig config;

    public Retention(Database database, Persistence persistence, SyncConfig config) {
        this.database = database;
        this.persistence = persistence;
        this.config = config;
    }

    void start(@Observes StartupEvent event) {
        Thread.ofVirtual().name("retention").start(() -> {
            while (persistence.pause(
                    TimeUnit.SECONDS.toMillis(config.conflicts().pruneSeconds()))) {
                prune();
            }
        });
    }

    private void prune() {
        try {
            SyncConfig.Conflicts kept = config.conflicts();
            int conflicts = database.transact(connection ->
                    ConflictStore.prune(connection, kept.days(), kept.perDevice(), 3 * kept.pruneSeconds()));
            int versions = database.transact(connection ->
                    HistoryStore.prune(connection, config.history().days()));
            LOG.debugf("let go of %d conflicts and %d versions of rows", conflicts, versions);
        } catch (SQLException | RuntimeException e) {
            LOG.warnf("could not let go of what is old, trying again later: %s", e);
        }
    }
}
