package io.mooring.sync;

import io.mooring.chassis.Persistence;
import io.mooring.chassis.db.Database;
import io.mooring.contracts.schema.Model;
import io.mooring.sync.core.CloudSchema;
import io.mooring.sync.core.TableLayout;
import io.mooring.sync.db.CloudStore;
import io.mooring.sync.db.ExpiryStore;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.time.Duration;
import org.jboss.logging.Logger;

/** Removes rows whose time has come ({@code ttl}), some at a time, so that nobody waits for it. */
@Singleton
public class ExpiryWorker {
    private static final Logger LOG = Logger.getLogger(ExpiryWorker.class);
    private static final int MOST_AT_ONCE = 1000;

    private final Database database;
    private final SchemaHandler schemas;
    private final SyncStartup startup;
    private final Persistence persistence;
    private final SyncMetrics metrics;
    private final Duration pause;

    public ExpiryWorker(
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
        this.pause = config.expiry().pause();
    }

    void start(@Observes StartupEvent event) {
        Thread.ofVirtual().name("expiry").start(() -> {
            while (persistence.pause(pause.toMillis())) {
                try {
                    if (startup.isPrepared()) {
                        expireAll();
                    }
                } catch (SQLException | RuntimeException e) {
                    LOG.warnf("could not remove expired rows, trying again: %s", e);
                }
            }
        });
    }

    private void expireAll() throws SQLException {
        for (String name : database.read(CloudStore::names)) {
            CloudSchema cloud = schemas.of(name);
            for (TableLayout layout : cloud.layouts().values()) {
                if (layout.model().ttl().isPresent()) {
                    expire(cloud, layout);
                }
            }
        }
    }

    private void expire(CloudSchema cloud, TableLayout layout) throws SQLException {
        Model model = layout.model();
        int count;
        do {
            count = database.transact(connection -> {
                CloudStore.lockShared(connection, cloud.cloud());
                if (CloudStore.version(connection, cloud.cloud()) != cloud.version()) {
                    schemas.forget(cloud.cloud());
                    return 0; // the tables may be others by now; the next round sees
                }
                return ExpiryStore.expire(connection, cloud, layout, MOST_AT_ONCE);
            });
            if (count > 0) {
                metrics.expired(count);
                LOG.debugf("%d rows of %s in cloud %s have expired", count, model.name(), cloud.cloud());
            }
        } while (count == MOST_AT_ONCE && !persistence.isStopped());
    }
}
