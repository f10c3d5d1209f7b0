package io.mooring.metrics;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.chassis.Json;
import io.mooring.chassis.Persistence;
import io.mooring.metrics.IngestHandler.Result;
import io.mooring.metrics.IngestHandler.Told;
import io.mooring.metrics.core.PointReader;
import io.mooring.metrics.core.Refusal;
import io.mooring.metrics.core.RowMetric;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Takes numbers of rows that operators said are metrics: each writing of a field is a point, once. */
@Singleton
public class RowHandler {
    private static final Refusal NOT_STORABLE = new Refusal("not-storable", "the log of the service says more");

    /** A row of a device as sync told it, and when, in ms since 1970. */
    public record Row(String cloud, String device, String key, byte[] json, long millis) {}

    /** A row that cannot be taken, or not all of it. */
    public record Letter(Row of, Refusal why) {}

    /** Says what follows; when it returns, Kafka has it. */
    @FunctionalInterface
    public interface Telling {
        void tell(List<Letter> dead) throws Exception;
    }

    private final Taking taking;
    private final RowMetricBook book;
    private final Persistence persistence;
    private final IngestMetrics metrics;
    private final MetricsConfig config;

    public RowHandler(
            Taking taking, RowMetricBook book, Persistence persistence, IngestMetrics metrics, MetricsConfig config) {
        this.taking = taking;
        this.book = book;
        this.persistence = persistence;
        this.metrics = metrics;
        this.config = config;
    }

    /** Whether rows of a table of a cloud may be metrics; a table's name is its model's, written otherwise (contracts, RowTopic). */
    public boolean wants(String cloud, String table) {
        return persistence.until("read which rows are metrics", () -> book.of(cloud)).stream()
                .anyMatch(metric -> letters(metric.model()).equals(letters(table)));
    }

    private static String letters(String name) {
        return name.replace("_", "").toLowerCase(Locale.ROOT);
    }

    /** Takes rows; when it returns, all is committed. */
    public void handle(List<Row> rows, Telling telling) {
        List<Letter> dead = new ArrayList<>();
        List<Row> from = new ArrayList<>();
        List<Told> told = new ArrayList<>();
        for (Row row : rows) {
            JsonNode json = json(row, dead);
            for (RowMetric metric : persistence.until("read which rows are metrics", () -> book.of(row.cloud()))) {
                if (!metric.model().equals(json.path("_type").asText())) {
                    continue;
                }
                PointReader reader = new PointReader(row.device(), row.millis(), config.pointLimits());
                RowMetric.Reading reading = metric.points(json, reader);
                reading.refused().forEach(refusal -> refuse(row, refusal, dead));
                for (RowMetric.Found found : reading.found()) {
                    from.add(row);
                    told.add(new Told(
                            row.cloud(),
                            row.device(),
                            id(metric.model(), row.key(), found.mark()),
                            List.of(found.point()),
                            null));
                }
            }
        }
        List<Optional<Result>> results = taking.take(told);
        for (int i = 0; i < results.size(); i++) {
            Row row = from.get(i);
            results.get(i)
                    .ifPresentOrElse(
                            result -> result.refused().values().forEach(why -> dead.add(new Letter(row, why))),
                            () -> refuse(row, NOT_STORABLE, dead));
        }
        persistence.until("tell of what was refused", () -> {
            telling.tell(dead);
            return true;
        });
    }

    private JsonNode json(Row row, List<Letter> dead) {
        try {
            return Json.read(row.json());
        } catch (IOException none) {
            refuse(row, new Refusal("malformed-json", "no JSON"), dead);
            return Json.object();
        }
    }

    private void refuse(Row row, Refusal refusal, List<Letter> dead) {
        metrics.refused(refusal.code());
        dead.add(new Letter(row, refusal));
    }

    private static String id(String model, String key, String mark) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest((model + "\n" + key + "\n" + mark).getBytes(StandardCharsets.UTF_8));
            return "row " + HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
