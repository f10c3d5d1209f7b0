package io.mooring.metrics;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.chassis.Json;
import io.mooring.chassis.Persistence;
import io.mooring.chassis.TopicNames;
import io.mooring.chassis.kafka.TopicIds;
import io.mooring.contracts.kafka.Topic;
import io.mooring.contracts.mqtt.DeviceTopics;
import io.mooring.metrics.IngestHandler.Told;
import io.mooring.metrics.core.MetricQuestion;
import io.mooring.metrics.core.Numbers;
import io.mooring.metrics.core.Outcome;
import io.mooring.metrics.core.PointReader;
import io.mooring.metrics.core.Refusal;
import io.mooring.metrics.db.DeviceStore;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Takes what devices say: points first, then questions, so that each sees what it said before. */
@Singleton
public class UplinkHandler {
    /** How many points are taken in one transaction, at least one record's. */
    private static final int AT_ONCE = 20_000;

    /** How many refusals a device hears of; more say nothing new. */
    private static final int TOLD_REFUSALS = 20;

    /** What a device said, and when it came, in ms since 1970. */
    public record Uplink(
            String cloud, String device, String subject, byte[] body, long millis, int partition, long offset) {}

    /** What a device is told, past its own part of the topic. */
    public record Answer(Uplink to, String tail, String body) {}

    /** What cannot be taken. */
    public record Letter(Uplink of, Refusal why) {}

    /** Says what follows; when it returns, Kafka has it. */
    @FunctionalInterface
    public interface Telling {
        void tell(List<Answer> answers, List<Letter> dead) throws Exception;
    }

    private record Read(Uplink uplink, PointBody body, Told told) {}

    private final Taking taking;
    private final QueryHandler queries;
    private final TopicIds topicIds;
    private final String topic;
    private final Persistence persistence;
    private final IngestMetrics metrics;
    private final MetricsConfig config;
    private final Clock clock = Clock.systemUTC();

    public UplinkHandler(
            Taking taking,
            QueryHandler queries,
            TopicIds topicIds,
            TopicNames topics,
            Persistence persistence,
            IngestMetrics metrics,
            MetricsConfig config) {
        this.taking = taking;
        this.queries = queries;
        this.topicIds = topicIds;
        this.topic = topics.of(Topic.METRIC_UPLINK);
        this.persistence = persistence;
        this.metrics = metrics;
        this.config = config;
    }

    /** Takes a batch, in parts that fit into memory; when it returns, all is committed, and told. */
    public void handle(List<Uplink> batch, Telling telling) {
        String topicId = persistence.until("ask which topic it is", () -> topicIds.of(topic));
        List<Read> points = new ArrayList<>();
        List<Uplink> questions = new ArrayList<>();
        List<Letter> dead = new ArrayList<>();
        List<Answer> answers = new ArrayList<>();
        int count = 0;
        for (Uplink uplink : batch) {
            if (uplink.subject().startsWith(DeviceTopics.METRIC_GET)) {
                questions.add(uplink);
                continue;
            }
            switch (read(uplink)) {
                case Outcome.Done<PointBody>(PointBody body) -> {
                    points.add(new Read(uplink, body, told(uplink, body, topicId)));
                    count += body.points().size();
                }
                case Outcome.Refused<PointBody>(Refusal refusal) -> {
                    refuse(dead, uplink, refusal);
                    if (uplink.subject().equals(DeviceTopics.METRIC_BATCH)) {
                        answers.add(new Answer(uplink, DeviceTopics.METRIC_BATCH, error(refusal)));
                    }
                }
            }
            if (count >= AT_ONCE) {
                settle(points, questions, answers, dead, telling);
                count = 0;
            }
        }
        settle(points, questions, answers, dead, telling);
    }

    private void settle(
            List<Read> points, List<Uplink> questions, List<Answer> answers, List<Letter> dead, Telling telling) {
        take(points, answers, dead);
        for (Uplink question : questions) {
            answers.add(new Answer(
                    question,
                    question.subject(),
                    persistence.until("answer a device", e -> e instanceof RuntimeException, () -> answer(question))));
        }
        persistence.until("tell devices", () -> {
            telling.tell(answers, dead);
            return true;
        });
        points.clear();
        questions.clear();
        answers.clear();
        dead.clear();
    }

    private Outcome<PointBody> read(Uplink uplink) {
        PointReader reader = new PointReader(uplink.device(), uplink.millis(), config.pointLimits());
        return switch (uplink.subject()) {
            case DeviceTopics.METRIC_SET -> PointBody.one(uplink.body(), reader);
            case DeviceTopics.METRIC_BATCH ->
                PointBody.batch(
                        uplink.body(),
                        reader,
                        config.limits().inflatedBytes(),
                        config.limits().pointsOfBatch());
            default -> Outcome.refused("unknown-subject", "nothing is told of metrics in this way");
        };
    }

    private static Told told(Uplink uplink, PointBody body, String topicId) {
        return new Told(
                uplink.cloud(),
                uplink.device(),
                body.id(),
                body.points(),
                new IngestHandler.Origin(topicId, uplink.partition(), uplink.offset()));
    }

    /** Takes points; a record that can never be taken is put aside, and the others go on. */
    private void take(List<Read> reads, List<Answer> answers, List<Letter> dead) {
        List<Optional<IngestHandler.Result>> results =
                taking.take(reads.stream().map(Read::told).toList());
        for (int i = 0; i < reads.size(); i++) {
            Read read = reads.get(i);
            results.get(i)
                    .ifPresentOrElse(
                            result -> settled(read, result, answers, dead),
                            () -> refuse(dead, read.uplink(), new Refusal("not-storable", "the log says more")));
        }
    }

    private void settled(Read read, IngestHandler.Result result, List<Answer> answers, List<Letter> dead) {
        Map<Integer, Refusal> refused = new TreeMap<>(read.body().refused());
        result.refused().forEach((at, why) -> refused.put(read.body().places().get(at), why));
        read.body().refused().values().forEach(why -> metrics.refused(why.code()));
        if (!refused.isEmpty()) {
            dead.add(new Letter(read.uplink(), refused.values().iterator().next()));
        }
        // Who gave it no id could not tell what an answer is to, and wants none unless something is wrong.
        boolean waits = read.body().id() != null || !refused.isEmpty();
        if (waits && read.uplink().subject().equals(DeviceTopics.METRIC_BATCH)) {
            answers.add(new Answer(read.uplink(), DeviceTopics.METRIC_BATCH, report(read.body(), result, refused)));
        }
    }

    /** What became of a batch: the same to a device and over HTTP. */
    public static String report(PointBody body, IngestHandler.Result result, Map<Integer, Refusal> refused) {
        ObjectNode json = Json.object();
        if (body.id() != null) {
            json.put("id", body.id());
        }
        if (result.repeated()) {
            json.put("repeated", true);
        } else {
            json.put("taken", result.taken());
        }
        json.put("refused", refused.size());
        ArrayNode list = json.putArray("refusals");
        refused.entrySet().stream()
                .limit(TOLD_REFUSALS)
                .forEach(entry -> list.addObject()
                        .put("point", entry.getKey())
                        .put("code", entry.getValue().code())
                        .put("detail", entry.getValue().detail()));
        return json.toString();
    }

    private String answer(Uplink question) throws SQLException {
        JsonNode json;
        try {
            json = Json.read(question.body());
        } catch (IOException none) {
            metrics.refused("malformed-json");
            return error(new Refusal("malformed-json", "metric/get needs {\"metric\", \"period\", \"statistic\"}"));
        }
        Optional<String> product = queries.device(question.device()).map(DeviceStore.Device::product);
        return switch (MetricQuestion.read(json, question.device(), product)) {
            case Outcome.Done<MetricQuestion>(MetricQuestion asked) ->
                Numbers.text(queries.value(
                        question.cloud(),
                        question.device(),
                        asked,
                        clock.instant().getEpochSecond()));
            case Outcome.Refused<MetricQuestion>(Refusal refusal) -> {
                metrics.refused(refusal.code());
                yield error(refusal);
            }
        };
    }

    private void refuse(List<Letter> dead, Uplink uplink, Refusal refusal) {
        metrics.refused(refusal.code());
        dead.add(new Letter(uplink, refusal));
    }

    private static String error(Refusal refusal) {
        return Json.object()
                .put("error", refusal.detail())
                .put("code", refusal.code())
                .toString();
    }
}
