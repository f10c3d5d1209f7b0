package io.mooring.metrics.export;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.chassis.Json;
import io.mooring.metrics.IngestMetrics;
import io.mooring.metrics.Partitions;
import io.mooring.metrics.core.Datum;
import io.mooring.metrics.core.DatumPacker;
import io.mooring.metrics.core.DatumPacker.Packed;
import io.mooring.metrics.core.Measured;
import io.mooring.metrics.core.Spans;
import io.mooring.metrics.core.WindowSum;
import io.mooring.metrics.db.ExportStore;
import io.mooring.metrics.db.ExportStore.Due;
import io.mooring.metrics.db.OutgoingStore;
import io.mooring.metrics.db.SpanStore;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jboss.logging.Logger;

/** Writes down which requests to CloudWatch there are to be: each period of each series is in one of them. */
@Singleton
class CloudWatchPlanner {
    static final String TARGET = "cloudwatch";

    private static final Logger LOG = Logger.getLogger(CloudWatchPlanner.class);
    private static final int WINDOWS_AT_ONCE = 2_000;

    private final CloudWatchConfig config;
    private final Spans spans;
    private final IngestMetrics metrics;

    CloudWatchPlanner(CloudWatchConfig config, Partitions partitions, IngestMetrics metrics) {
        this.config = config;
        this.spans = partitions.spans();
        this.metrics = metrics;
    }

    /**
     * Plans what has settled, within a transaction.
     *
     * @return whether another instance is not at it just now
     */
    boolean plan(Connection connection, Instant now) throws SQLException {
        long period = config.period().toSeconds();
        long to = Math.floorDiv(now.getEpochSecond() - config.settle().toSeconds(), period) * period;
        OptionalLong from = ExportStore.lock(connection, TARGET, to);
        if (from.isEmpty()) {
            return false;
        }
        if (from.getAsLong() >= to || OutgoingStore.count(connection, config.waiting()) >= config.waiting()) {
            return true;
        }
        int span = span();
        long kept = Math.ceilDiv(SpanStore.folded(connection, spans)[span], period) * period;
        if (kept > from.getAsLong()) {
            LOG.warnf(
                    "windows from %s to %s were merged before they could be handed on to CloudWatch",
                    Instant.ofEpochSecond(from.getAsLong()), Instant.ofEpochSecond(Math.min(kept, to)));
            metrics.refused("cloudwatch-gap");
        }
        for (long start = Math.max(kept, from.getAsLong()); start < to; start += period) {
            plan(connection, span, start, now);
        }
        ExportStore.moved(connection, TARGET, to);
        return true;
    }

    /** The span whose windows are as long as the period: these are kept for long enough. */
    private int span() {
        for (int i = 0; i < spans.size(); i++) {
            if (spans.get(i).bucket() == config.period().toSeconds()
                    && config.settle().toSeconds() + config.period().toSeconds()
                            <= spans.get(i).period()) {
                return i;
            }
        }
        throw new IllegalStateException(
                "mooring.metrics.cloudwatch.period must be the length of the windows of a span that is kept for longer than"
                        + " the period and settle together");
    }

    private void plan(Connection connection, int span, long start, Instant now) throws SQLException {
        long end = start + config.period().toSeconds();
        DatumPacker packer = new DatumPacker();
        long after = 0;
        List<Due> page;
        do {
            page = ExportStore.due(connection, span, config.kinds(), start, end, after, WINDOWS_AT_ONCE);
            List<Due> whole = whole(page);
            for (int i = 0; i < whole.size(); ) {
                WindowSum sum = new WindowSum();
                Due first = whole.get(i);
                for (; i < whole.size() && whole.get(i).series() == first.series(); i++) {
                    sum.add(whole.get(i).window());
                }
                Optional<Datum> datum = Datum.of(first.key(), start, sum.window());
                datum.ifPresentOrElse(
                        each -> packer.add(namespace(first), each), () -> metrics.refused("cloudwatch-not-sayable"));
                after = first.series();
            }
            save(connection, packer.full(), now);
        } while (page.size() == WINDOWS_AT_ONCE);
        save(connection, packer.rest(), now);
    }

    /** A page without the series that it may have cut in two; a series has fewer windows than a page. */
    private static List<Due> whole(List<Due> page) {
        if (page.size() < WINDOWS_AT_ONCE) {
            return page;
        }
        int end = page.size();
        while (end > 0 && page.get(end - 1).series() == page.getLast().series()) {
            end--;
        }
        return end == 0 ? page : page.subList(0, end);
    }

    private String namespace(Due due) {
        String kind = due.key().owner().kind().label();
        return config.namespacePrefix() + "/" + due.key().cloud() + "/" + kind;
    }

    private static void save(Connection connection, List<Packed> requests, Instant now) throws SQLException {
        for (Packed request : requests) {
            OutgoingStore.add(connection, json(request), now);
        }
    }

    private static String json(Packed request) {
        ObjectNode json = Json.object().put("namespace", request.namespace());
        ArrayNode data = json.putArray("data");
        for (Datum datum : request.data()) {
            ObjectNode node = data.addObject().put("metric", datum.metric()).put("seconds", datum.seconds());
            datum.dimensions().forEach(node.putObject("dimensions")::put);
            Measured.Summary summary = datum.measured().summary();
            if (summary != null) {
                node.put("count", summary.count())
                        .put("sum", summary.sum())
                        .put("min", summary.min())
                        .put("max", summary.max());
            }
            ArrayNode values = node.putArray("values");
            ArrayNode counts = node.putArray("counts");
            for (Measured.Counted each : datum.measured().values()) {
                values.add(each.value());
                counts.add(each.count());
            }
        }
        return json.toString();
    }

    /** The settings, checked before anything begins. */
    void check() {
        LOG.infof(
                "windows of %s are handed on to CloudWatch, %s after their end; kinds %s",
                spans.get(span()),
                config.settle(),
                Arrays.toString(config.kinds().toArray()));
    }
}
