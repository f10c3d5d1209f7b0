package io.mooring.metrics.export;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.chassis.Json;
import io.mooring.chassis.Persistence;
import io.mooring.chassis.db.Database;
import io.mooring.metrics.IngestMetrics;
import io.mooring.metrics.Partitions;
import io.mooring.metrics.db.ExportStore;
import io.mooring.metrics.db.OutgoingStore;
import io.mooring.metrics.db.OutgoingStore.Outgoing;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClientBuilder;
import software.amazon.awssdk.services.cloudwatch.model.CloudWatchException;
import software.amazon.awssdk.services.cloudwatch.model.Dimension;
import software.amazon.awssdk.services.cloudwatch.model.MetricDatum;

/**
 * Hands windows on to CloudWatch, which counts what it is sent twice as two. So a request is written down first, and that it is being made
 * before it is made. One that got no answer is looked for there: it is made again only when it has not shown up for a while.
 */
@Singleton
class CloudWatchExporter {
    private static final Logger LOG = Logger.getLogger(CloudWatchExporter.class);
    private static final int REQUESTS_AT_ONCE = 20;
    private static final int MINUTE = 60;
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(30);
    private static final Duration LATER = Duration.ofSeconds(10);

    /** CloudWatch takes nothing older than two weeks. */
    private static final Duration LONGEST = Duration.ofDays(14);

    private final CloudWatchConfig config;
    private final CloudWatchPlanner planner;
    private final Database database;
    private final Partitions partitions;
    private final Persistence persistence;
    private final IngestMetrics metrics;
    private final Clock clock = Clock.systemUTC();

    CloudWatchExporter(
            CloudWatchConfig config,
            CloudWatchPlanner planner,
            Database database,
            Partitions partitions,
            Persistence persistence,
            IngestMetrics metrics) {
        this.config = config;
        this.planner = planner;
        this.database = database;
        this.partitions = partitions;
        this.persistence = persistence;
        this.metrics = metrics;
    }

    void start(@Observes StartupEvent event) {
        if (config.enabled()) {
            planner.check();
            Thread.ofVirtual().name(CloudWatchPlanner.TARGET).start(this::run);
        }
    }

    private CloudWatchClient client() {
        // Whoever repeats what may have been done counts it twice: neither the JDK nor the SDK may do it for us.
        System.setProperty("sun.net.http.retryPost", "false");
        CloudWatchClientBuilder builder = CloudWatchClient.builder()
                .region(Region.of(config.region()))
                .overrideConfiguration(settings -> settings.retryStrategy(DefaultRetryStrategy.doNotRetry()))
                .httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(Duration.ofSeconds(5))
                        .socketTimeout(Duration.ofSeconds(30)));
        config.endpoint().ifPresent(endpoint -> builder.endpointOverride(URI.create(endpoint)));
        return builder.build();
    }

    private void run() {
        try (CloudWatchClient client = client()) {
            do {
                persistence.until("plan what is handed on to CloudWatch", () -> {
                    Instant now = clock.instant();
                    partitions.ready(now.getEpochSecond());
                    return database.transact(connection -> planner.plan(connection, now));
                });
                while (persistence.until("hand windows on to CloudWatch", () -> send(client))) {
                    LOG.debug("a part of windows was handed on to CloudWatch");
                }
            } while (persistence.pause(config.interval().toMillis()));
        } catch (Persistence.StoppedException stopped) {
            LOG.debug("stopped", stopped);
        }
    }

    /** Makes requests that are due, while nobody else does; whether there may be more at once. */
    private boolean send(CloudWatchClient client) throws SQLException {
        return database.transact(held -> {
            OptionalLong lock = ExportStore.lock(held, CloudWatchPlanner.TARGET, 0);
            if (lock.isEmpty()) {
                return false;
            }
            List<Outgoing> due = OutgoingStore.due(held, clock.instant(), REQUESTS_AT_ONCE);
            for (Outgoing request : due) {
                if (persistence.isStopped()) {
                    return false;
                }
                settle(client, request);
            }
            return due.size() == REQUESTS_AT_ONCE;
        });
    }

    private void settle(CloudWatchClient client, Outgoing request) throws SQLException {
        Instant now = clock.instant();
        Instant begun = request.begun();
        JsonNode body = json(request);
        if (begun != null) {
            if (isThere(client, body)) {
                done(request, body);
                return;
            }
            if (now.isBefore(begun.plus(config.doubt()))) {
                note(request, begun, now.plus(shorter(BETWEEN_LOOKS, config.doubt())));
                return;
            }
        }
        if (now.isAfter(request.made().plus(LONGEST))) {
            refused(request, body, "it is too old by now");
            return;
        }
        note(request, now, now.plus(shorter(BETWEEN_LOOKS, config.doubt())));
        try {
            client.putMetricData(
                    put -> put.namespace(body.path("namespace").asText()).metricData(data(body)));
            done(request, body);
        } catch (CloudWatchException answered) {
            answered(request, body, answered);
        } catch (SdkClientException away) {
            if (wasNotReached(away)) {
                note(request, null, now.plus(LATER));
            }
            throw new SQLException("CloudWatch is away: " + away.getMessage(), away);
        }
    }

    /** What CloudWatch says of its own accord: that it has not taken it, and why; or, from 500 on, that nobody knows. */
    private void answered(Outgoing request, JsonNode body, CloudWatchException answered) throws SQLException {
        int status = answered.statusCode();
        boolean passes = answered.isThrottlingException() || status == 401 || status == 403 || status == 429;
        if (status >= 500 || passes) {
            if (passes) {
                note(request, null, clock.instant().plus(LATER));
            }
            throw new SQLException("CloudWatch answers " + status + ": " + answered.getMessage(), answered);
        }
        refused(request, body, answered.getMessage());
    }

    private void done(Outgoing request, JsonNode body) throws SQLException {
        database.run(connection -> OutgoingStore.remove(connection, request.id()));
        metrics.exported(CloudWatchPlanner.TARGET, body.path("data").size());
    }

    /** Final: to make it again would change nothing. */
    private void refused(Outgoing request, JsonNode body, @Nullable String why) throws SQLException {
        LOG.warnf("CloudWatch does not take %s windows: %s", body.path("data").size(), why);
        metrics.refused("cloudwatch-refused");
        database.run(connection -> OutgoingStore.remove(connection, request.id()));
    }

    private void note(Outgoing request, @Nullable Instant begun, Instant due) throws SQLException {
        // In a transaction of its own: it must stand before anything is sent.
        database.run(connection -> OutgoingStore.note(connection, request.id(), begun, due));
    }

    /** A request is taken as a whole or not at all, and no other has the same period of the same series. */
    private static boolean isThere(CloudWatchClient client, JsonNode body) throws SQLException {
        JsonNode first = body.path("data").path(0);
        Instant start = Instant.ofEpochSecond(first.path("seconds").asLong());
        try {
            return !client.getMetricStatistics(
                            ask -> ask.namespace(body.path("namespace").asText())
                                    .metricName(first.path("metric").asText())
                                    .dimensions(dimensions(first))
                                    .startTime(start.truncatedTo(ChronoUnit.MINUTES))
                                    .endTime(start.plusSeconds(MINUTE))
                                    .period(MINUTE)
                                    .statisticsWithStrings("SampleCount"))
                    .datapoints()
                    .isEmpty();
        } catch (SdkException away) {
            throw new SQLException("CloudWatch is away: " + away.getMessage(), away);
        }
    }

    private static List<MetricDatum> data(JsonNode body) {
        List<MetricDatum> data = new ArrayList<>();
        for (JsonNode each : body.path("data")) {
            data.add(MetricDatum.builder()
                    .metricName(each.path("metric").asText())
                    .dimensions(dimensions(each))
                    .timestamp(Instant.ofEpochSecond(each.path("seconds").asLong()))
                    .statisticValues(set -> set.sampleCount(each.path("count").asDouble())
                            .sum(each.path("sum").asDouble())
                            .minimum(each.path("min").asDouble())
                            .maximum(each.path("max").asDouble()))
                    .values(numbers(each.path("values")))
                    .counts(numbers(each.path("counts")))
                    .build());
        }
        return data;
    }

    private static List<Double> numbers(JsonNode array) {
        List<Double> numbers = new ArrayList<>();
        array.forEach(each -> numbers.add(each.asDouble()));
        return numbers;
    }

    private static List<Dimension> dimensions(JsonNode datum) {
        return datum.path("dimensions").properties().stream()
                .map(pair -> Dimension.builder()
                        .name(pair.getKey())
                        .value(pair.getValue().asText())
                        .build())
                .toList();
    }

    private static JsonNode json(Outgoing request) {
        try {
            return Json.read(request.body());
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a request of our own is no JSON", impossible);
        }
    }

    private static boolean wasNotReached(Throwable failed) {
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectException || cause instanceof UnknownHostException) {
                return true;
            }
        }
        return false;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
