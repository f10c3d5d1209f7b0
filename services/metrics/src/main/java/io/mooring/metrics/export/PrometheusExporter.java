package io.mooring.metrics.export;

import io.mooring.chassis.Persistence;
import io.mooring.chassis.db.Database;
import io.mooring.metrics.IngestMetrics;
import io.mooring.metrics.Partitions;
import io.mooring.metrics.core.Owner;
import io.mooring.metrics.core.SeriesKey;
import io.mooring.metrics.core.Span;
import io.mooring.metrics.core.Statistic;
import io.mooring.metrics.db.ExportStore;
import io.mooring.metrics.db.ExportStore.Due;
import io.mooring.metrics.db.SpanStore;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jboss.logging.Logger;
import org.xerial.snappy.Snappy;

/**
 * Hands finished windows of the finest span on to Prometheus by remote write: a gauge for each metric, with a label {@code stat}.
 * A sample that is sent again is the same sample, so nothing is doubled. While Prometheus is away it waits; windows that were
 * merged meanwhile are missing there.
 */
@Singleton
public class PrometheusExporter {
    private static final Logger LOG = Logger.getLogger(PrometheusExporter.class);
    private static final String TARGET = "prometheus";
    private static final int WINDOWS_AT_ONCE = 500;
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final List<Statistic> STATISTICS = List.of(
            Statistic.COUNT, Statistic.SUM, Statistic.MIN, Statistic.MAX, Statistic.P50, Statistic.P90, Statistic.P99);

    private final PrometheusConfig config;
    private final Database database;
    private final Partitions partitions;
    private final Persistence persistence;
    private final IngestMetrics metrics;
    private final Clock clock = Clock.systemUTC();

    public PrometheusExporter(
            PrometheusConfig config,
            Database database,
            Partitions partitions,
            Persistence persistence,
            IngestMetrics metrics) {
        this.config = config;
        this.database = database;
        this.partitions = partitions;
        this.persistence = persistence;
        this.metrics = metrics;
    }

    void start(@Observes StartupEvent event) {
        config.url().ifPresent(url -> Thread.ofVirtual().name("prometheus").start(() -> run(URI.create(url))));
    }

    private void run(URI url) {
        try (HttpClient client =
                HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
            while (persistence.pause(config.interval().toMillis())) {
                persistence.until("write to Prometheus", () -> {
                    partitions.ready(clock.instant().getEpochSecond());
                    database.run(connection -> handOn(connection, client, url));
                    return true;
                });
            }
        } catch (Persistence.StoppedException stopped) {
            LOG.debug("stopped", stopped);
        }
    }

    private void handOn(Connection connection, HttpClient client, URI url) throws SQLException {
        Span span = partitions.spans().get(0);
        long to = span.start(clock.instant().getEpochSecond() - config.settle().toSeconds());
        OptionalLong from = ExportStore.lock(connection, TARGET, SpanStore.folded(connection, partitions.spans())[0]);
        if (from.isEmpty() || from.getAsLong() >= to) {
            return;
        }
        // One begin at a time, so that Prometheus gets each series in order.
        for (long start = Math.max(from.getAsLong(), to - 2 * span.period()); start < to; start += span.bucket()) {
            long after = 0;
            List<Due> due;
            do {
                due = ExportStore.due(
                        connection, 0, config.kinds(), start, start + span.bucket(), after, WINDOWS_AT_ONCE);
                if (!due.isEmpty()) {
                    send(client, url, due, (start + span.bucket()) * 1_000);
                    after = due.getLast().series();
                }
            } while (due.size() == WINDOWS_AT_ONCE);
        }
        ExportStore.moved(connection, TARGET, to);
    }

    private void send(HttpClient client, URI url, List<Due> due, long millis) throws SQLException {
        RemoteWrite write = new RemoteWrite();
        for (Due each : due) {
            Map<String, String> labels = labels(each.key());
            for (Statistic statistic : STATISTICS) {
                labels.put("stat", statistic.label());
                write.add(each.key().metric(), labels, each.window().value(statistic), millis);
            }
        }
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(url)
                    .timeout(PATIENCE)
                    .header("Content-Type", "application/x-protobuf")
                    .header("Content-Encoding", "snappy")
                    .header("X-Prometheus-Remote-Write-Version", "0.1.0")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(Snappy.compress(write.toByteArray())));
            config.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
            HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            int status = response.statusCode();
            if (status >= 500 || status == 429) {
                throw new SQLException("Prometheus answers " + status);
            }
            if (status >= 300) {
                // Final, by the protocol: to send it again would change nothing.
                metrics.refused("prometheus-" + status);
                LOG.warnf("Prometheus refuses %s samples: %s %s", write.samples(), status, response.body());
                return;
            }
            metrics.exported(TARGET, write.samples());
        } catch (IOException away) {
            throw new SQLException("Prometheus is away: " + away.getMessage(), away);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            throw new SQLException("interrupted", stopping);
        }
    }

    private static Map<String, String> labels(SeriesKey key) {
        Map<String, String> labels = new TreeMap<>(key.dimensions().values());
        labels.put("cloud", key.cloud());
        if (key.owner().kind() != Owner.Kind.CLOUD) {
            labels.put(key.owner().kind().label(), key.owner().id());
        }
        labels.put("of", key.owner().kind().label());
        return labels;
    }
}
