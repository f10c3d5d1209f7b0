package io.mooring.logs;

import io.mooring.chassis.Persistence;
import io.mooring.chassis.db.Database;
import io.mooring.logs.core.Retention;
import io.mooring.logs.db.BatchStore;
import io.mooring.logs.db.PartitionStore;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.jboss.logging.Logger;

/** As time goes on, drops what has been kept long enough. */
@Singleton
public class Housekeeping {
    private static final Logger LOG = Logger.getLogger(Housekeeping.class);
    private static final long PAUSE_MILLIS = 60_000;

    /** Another instance was faster: a table is gone, or just being detached. */
    private static final Set<String> LOST = Set.of("42P01", "42704", "55000", "40P01", "55P03");

    private final Clock clock = Clock.systemUTC();
    private final Database database;
    private final Persistence persistence;
    private final Partitions partitions;
    private final Duration batchesKept;

    public Housekeeping(Database database, Persistence persistence, Partitions partitions, LogsConfig config) {
        this.database = database;
        this.persistence = persistence;
        this.partitions = partitions;
        // What comes again later than that is too old to be taken.
        this.batchesKept = config.limits().past().plusMillis(Retention.DAY);
        if (!Retention.isKnown(config.retentionDays())) {
            throw new IllegalArgumentException("mooring.logs.retention-days is one of " + Retention.DAYS);
        }
    }

    void start(@Observes StartupEvent event) {
        Thread.ofVirtual().name("housekeeping").start(() -> {
            try {
                do {
                    persistence.until("keep house", this::round);
                } while (persistence.pause(PAUSE_MILLIS));
            } catch (Persistence.StoppedException stopped) {
                LOG.debug("stopped", stopped);
            }
        });
    }

    private boolean round() throws SQLException {
        Instant now = clock.instant();
        int dropped = drop(now.toEpochMilli());
        if (dropped > 0) {
            partitions.forget();
            LOG.infof("lines of %d days are over", (Object) dropped);
        }
        database.run(connection -> BatchStore.forget(connection, now.minus(batchesKept)));
        return true;
    }

    private int drop(long nowMillis) throws SQLException {
        try {
            return database.read(connection -> PartitionStore.dropOver(connection, nowMillis));
        } catch (SQLException lost) {
            if (LOST.contains(String.valueOf(lost.getSQLState()))) {
                LOG.debugf("what is over is dropped by another: %s", lost.getMessage());
                return 0;
            }
            throw lost;
        }
    }
}
