package io.mooring.logs;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.chassis.Json;
import io.mooring.chassis.Persistence;
import io.mooring.chassis.kafka.TopicIds;
import io.mooring.logs.IngestHandler.Origin;
import io.mooring.logs.IngestHandler.Result;
import io.mooring.logs.IngestHandler.Told;
import io.mooring.logs.core.Line;
import io.mooring.logs.core.LineReader;
import io.mooring.logs.core.Outcome;
import io.mooring.logs.core.Refusal;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Takes rows of the model {@code Log}, which devices of the base protocol log by: each row is one line, once. */
@Singleton
public class RowHandler {
    private static final Refusal NOT_STORABLE = new Refusal("not-storable", "the log of the service says more");

    /** A row as sync told it, and when, in ms since 1970. */
    public record Row(
            String cloud,
            String device,
            String key,
            byte[] json,
            long millis,
            String topic,
            int partition,
            long offset) {}

    /** A row that cannot be taken. */
    public record Letter(Row of, Refusal why) {}

    /** Says what follows; when it returns, Kafka has it. */
    @FunctionalInterface
    public interface Telling {
        void tell(List<Letter> dead) throws Exception;
    }

    private final Taking taking;
    private final TopicIds topicIds;
    private final Persistence persistence;
    private final LogMetrics metrics;
    private final LogsConfig config;

    public RowHandler(
            Taking taking, TopicIds topicIds, Persistence persistence, LogMetrics metrics, LogsConfig config) {
        this.taking = taking;
        this.topicIds = topicIds;
        this.persistence = persistence;
        this.metrics = metrics;
        this.config = config;
    }

    /** Takes rows; when it returns, all is committed. */
    public void handle(List<Row> rows, Telling telling) {
        List<Letter> dead = new ArrayList<>();
        List<Row> read = new ArrayList<>();
        List<Told> told = new ArrayList<>();
        for (Row row : rows) {
            switch (line(row)) {
                case Outcome.Done<Line>(Line line) -> {
                    String topicId = persistence.until("ask which topic it is", () -> topicIds.of(row.topic()));
                    read.add(row);
                    told.add(new Told(
                            row.cloud(),
                            row.device(),
                            "row " + row.key(),
                            List.of(line),
                            new Origin(topicId, row.partition(), row.offset())));
                }
                case Outcome.Refused<Line>(Refusal refusal) -> refuse(row, refusal, dead);
            }
        }
        List<Optional<Result>> results = taking.take("row", told);
        for (int i = 0; i < results.size(); i++) {
            if (results.get(i).isEmpty()) {
                refuse(read.get(i), NOT_STORABLE, dead);
            }
        }
        persistence.until("tell of what was refused", () -> {
            telling.tell(dead);
            return true;
        });
    }

    private Outcome<Line> line(Row row) {
        try {
            JsonNode json = Json.read(row.json());
            return new LineReader(row.millis(), config.lineLimits()).row(json);
        } catch (IOException none) {
            return Outcome.refused("malformed-json", "no JSON");
        }
    }

    private void refuse(Row row, Refusal refusal, List<Letter> dead) {
        metrics.refused(refusal.code());
        dead.add(new Letter(row, refusal));
    }
}
