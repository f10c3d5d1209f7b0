package io.mooring.metrics;

import io.mooring.chassis.Persistence;
import io.mooring.chassis.db.Database;
import io.mooring.metrics.core.Span;
import io.mooring.metrics.core.Spans;
import io.mooring.metrics.db.BatchStore;
import io.mooring.metrics.db.PartitionStore;
import io.mooring.metrics.db.SeriesStore;
import io.mooring.metrics.db.SpanStore;
import io.mooring.metrics.db.WindowStore;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.OptionalLong;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * As time goes on, merges old windows into longer ones, and drops what is older than the longest. A span is closed first, so that
 * nobody adds to what is being merged; the merge itself is one transaction for each window of the next span.
 */
@Singleton
public class Housekeeping {
    private static final Logger LOG = Logger.getLogger(Housekeeping.class);
    private static final long PAUSE_MILLIS = 5_000;
    private static final Duration BATCHES_KEPT = Duration.ofDays(7);
    private static final int FORGOTTEN_AT_ONCE = 10_000;

    private final Clock clock = Clock.systemUTC();
    private final Database database;
    private final Persistence persistence;
    private final Partitions partitions;
    private final IngestMetrics metrics;
    private Instant forgotten = Instant.MIN;

    public Housekeeping(Database database, Persistence persistence, Partitions partitions, IngestMetrics metrics) {
        this.database = database;
        this.persistence = persistence;
        this.partitions = partitions;
        this.metrics = metrics;
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
        long now = clock.instant().getEpochSecond();
        partitions.ready(now);
        for (int span = 0; span < partitions.spans().size(); span++) {
            moveOn(span, now);
        }
        if (forgotten.plus(Duration.ofHours(1)).isBefore(clock.instant())) {
            forgotten = clock.instant();
            forget();
        }
        return true;
    }

    private void moveOn(int index, long now) throws SQLException {
        Spans spans = partitions.spans();
        long to = spans.closing(index, now);
        if (database.read(connection -> SpanStore.closed(connection, spans))[index] < to) {
            database.run(connection -> SpanStore.close(connection, index, to));
        }
        long closed = database.read(connection -> SpanStore.closed(connection, spans))[index];
        long folded = database.read(connection -> SpanStore.folded(connection, spans))[index];
        if (folded == closed) {
            return;
        }
        while (folded < closed && !persistence.isStopped()) {
            folded = fold(index, folded, closed);
        }
        long done = folded;
        int dropped = drop(index, done);
        LOG.debugf(
                "span %s is merged up to %s, %s partitions dropped",
                (Object) index, Instant.ofEpochSecond(done), dropped);
    }

    /** Merges the oldest windows that there are into one of the next span; up to where all is done then. */
    private long fold(int index, long from, long closed) throws SQLException {
        Spans spans = partitions.spans();
        return database.transact(connection -> {
            OptionalLong oldest = index + 1 < spans.size()
                    ? WindowStore.oldest(connection, index, from, closed)
                    : OptionalLong.empty();
            long to = closed;
            if (oldest.isPresent()) {
                Span next = spans.get(index + 1);
                long into = next.start(oldest.getAsLong());
                to = Math.min(closed, into + next.bucket());
                metrics.folded(index, WindowStore.fold(connection, index, from, to, into));
            }
            if (!SpanStore.folded(connection, index, from, to)) {
                // Another instance was faster; what was merged here is rolled back.
                throw new SQLException("another instance merges span " + index, "40001");
            }
            return to;
        });
    }

    /** Drops what is merged; of two instances one is faster, and the other finds that out by an error. */
    private int drop(int index, long before) throws SQLException {
        try {
            return database.read(
                    connection -> PartitionStore.dropBefore(connection, partitions.spans(), index, before));
        } catch (SQLException lost) {
            if (Set.of("42P01", "42704", "55000", "40P01", "55P03").contains(String.valueOf(lost.getSQLState()))) {
                LOG.debugf("partitions of span %d are dropped by another: %s", index, lost.getMessage());
                return 0;
            }
            throw lost;
        }
    }

    private void forget() throws SQLException {
        Spans spans = partitions.spans();
        Instant now = clock.instant();
        long longest = spans.get(spans.size() - 1).period()
                + spans.get(spans.size() - 1).bucket();
        database.run(connection -> BatchStore.forget(connection, now.minus(BATCHES_KEPT)));
        int gone;
        do {
            gone = database.transact(connection -> SeriesStore.forget(
                    connection, now.minusSeconds(longest).atZone(ZoneOffset.UTC).toLocalDate(), FORGOTTEN_AT_ONCE));
        } while (gone == FORGOTTEN_AT_ONCE);
    }
}
