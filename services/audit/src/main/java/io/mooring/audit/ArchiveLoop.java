package io.mooring.audit;

import io.mooring.audit.db.ArchiveStore;
import io.mooring.audit.db.EventStore;
import io.mooring.audit.db.SourceStore;
import io.mooring.chassis.Persistence;
import io.mooring.chassis.db.Database;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.jboss.logging.Logger;

/** Goes on archiving, and now and then looks for gaps and forgets what is too old to be searched. */
@ApplicationScoped
class ArchiveLoop {
    private static final Logger LOG = Logger.getLogger(ArchiveLoop.class);
    private static final long IDLE_MILLIS = 1_000;
    private static final Duration LOOK_EVERY = Duration.ofSeconds(15);
    private static final int EXPIRED_AT_ONCE = 5_000;

    private final Archiver archiver;
    private final Stamper stamper;
    private final Restoration restoration;
    private final Persistence persistence;
    private final Database database;
    private final AuditMetrics metrics;
    private final AuditConfig config;
    private final Clock clock = Clock.systemUTC();
    private long lookedNanos = System.nanoTime() - LOOK_EVERY.toNanos();

    ArchiveLoop(
            Archiver archiver,
            Stamper stamper,
            Restoration restoration,
            Persistence persistence,
            Database database,
            AuditMetrics metrics,
            AuditConfig config) {
        this.archiver = archiver;
        this.stamper = stamper;
        this.restoration = restoration;
        this.persistence = persistence;
        this.database = database;
        this.metrics = metrics;
        this.config = config;
    }

    void start(@Observes StartupEvent started) {
        var _ = Thread.ofVirtual().name("archive").start(this::run);
    }

    @SuppressWarnings("unused")
    void stop(@Observes ShutdownEvent stopping) {
        // Persistence hears of it, too, and ends what is being tried.
        LOG.debug("stopping");
    }

    private void run() {
        try {
            persistence.until("see whether the database was set back", () -> {
                restoration.finish();
                return restoration.adopt();
            });
            while (!persistence.isStopped()) {
                boolean more = persistence.until("archive", archiver::step);
                look();
                if (!more) {
                    stamper.stampNext();
                    var _ = persistence.pause(IDLE_MILLIS);
                }
            }
        } catch (Persistence.StoppedException stopped) {
            LOG.debug("stopped", stopped);
        }
    }

    private void look() {
        if (System.nanoTime() - lookedNanos < LOOK_EVERY.toNanos()) {
            return;
        }
        lookedNanos = System.nanoTime();
        try {
            List<SourceStore.Count> counts = database.read(SourceStore::all);
            metrics.standing(
                    counts.stream().mapToLong(SourceStore.Count::missingCount).sum(),
                    counts.stream().filter(count -> !count.repeated().isEmpty()).count(),
                    database.read(ArchiveStore::waiting));
            database.run(connection -> EventStore.expire(
                    connection, clock.instant().minus(Duration.ofDays(config.searchDays())), EXPIRED_AT_ONCE));
        } catch (SQLException later) {
            LOG.warnf("could not look for gaps: %s", later.getMessage());
        }
    }
}
