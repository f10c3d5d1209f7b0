package io.mooring.metrics;

import io.mooring.chassis.db.Database;
import io.mooring.metrics.core.Spans;
import io.mooring.metrics.db.PartitionStore;
import io.mooring.metrics.db.SpanStore;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.time.Duration;

/** Sees to it that there is a partition for every window before it is written. */
@Singleton
public class Partitions {
    /** How far ahead of now partitions are made, beyond what clocks may be ahead. */
    private static final long MARGIN_SECONDS = Duration.ofHours(1).toSeconds();

    private final Database database;
    private final Spans spans;
    private final long ahead;
    private boolean prepared;
    private long until;

    public Partitions(Database database, MetricsConfig config) {
        this.database = database;
        this.spans = config.spanList();
        this.ahead = config.limits().future().toSeconds() + MARGIN_SECONDS;
    }

    public Spans spans() {
        return spans;
    }

    /** Makes what is missing for points that come now, unless that was done not long ago. */
    public synchronized void ready(long nowSeconds) throws SQLException {
        if (nowSeconds + ahead - MARGIN_SECONDS < until) {
            return;
        }
        database.run(connection -> {
            if (!prepared) {
                SpanStore.prepare(connection, spans, nowSeconds);
            }
            long[] folded = SpanStore.folded(connection, spans);
            for (int span = 0; span < spans.size(); span++) {
                PartitionStore.ensure(connection, spans, span, folded[span], nowSeconds + ahead);
            }
        });
        prepared = true;
        until = nowSeconds + ahead;
    }
}
