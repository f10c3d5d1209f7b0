package io.mooring.logs;

import io.mooring.chassis.Json;
import io.mooring.chassis.Persistence;
import io.mooring.chassis.TopicNames;
import io.mooring.chassis.kafka.TopicIds;
import io.mooring.contracts.kafka.Topic;
import io.mooring.contracts.mqtt.DeviceTopics;
import io.mooring.logs.IngestHandler.Origin;
import io.mooring.logs.IngestHandler.Result;
import io.mooring.logs.IngestHandler.Told;
import io.mooring.logs.core.LineReader;
import io.mooring.logs.core.Outcome;
import io.mooring.logs.core.Refusal;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Takes batches that devices send. */
@Singleton
public class UplinkHandler {
    /** How many lines are taken in one transaction, at least one batch's. */
    private static final int AT_ONCE = 10_000;

    /** How much text, in characters. */
    private static final long CHARACTERS_AT_ONCE = 4_000_000;

    private static final Refusal NOT_STORABLE = new Refusal("not-storable", "the log of the service says more");

    /** What a device said, and when it came, in ms since 1970. */
    public record Uplink(
            String cloud, String device, String subject, byte[] body, long millis, int partition, long offset) {}

    /** What a device is told about a batch. */
    public record Answer(Uplink to, String body) {}

    /** What cannot be taken. */
    public record Letter(Uplink of, Refusal why) {}

    /** Says what follows; when it returns, Kafka has it. */
    @FunctionalInterface
    public interface Telling {
        void tell(List<Answer> answers, List<Letter> dead) throws Exception;
    }

    private record Read(Uplink uplink, LineBody body, Told told) {}

    private final Taking taking;
    private final TopicIds topicIds;
    private final String topic;
    private final Persistence persistence;
    private final LogMetrics metrics;
    private final LogsConfig config;

    public UplinkHandler(
            Taking taking,
            TopicIds topicIds,
            TopicNames topics,
            Persistence persistence,
            LogMetrics metrics,
            LogsConfig config) {
        this.taking = taking;
        this.topicIds = topicIds;
        this.topic = topics.of(Topic.LOG_UPLINK);
        this.persistence = persistence;
        this.metrics = metrics;
        this.config = config;
    }

    /** Takes a batch, in parts that fit into memory; when it returns, all is committed, and told. */
    public void handle(List<Uplink> batch, Telling telling) {
        String topicId = persistence.until("ask which topic it is", () -> topicIds.of(topic));
        List<Read> reads = new ArrayList<>();
        List<Letter> dead = new ArrayList<>();
        List<Answer> answers = new ArrayList<>();
        int count = 0;
        long characters = 0;
        for (Uplink uplink : batch) {
            switch (read(uplink)) {
                case Outcome.Done<LineBody>(LineBody body) -> {
                    reads.add(new Read(uplink, body, told(uplink, body, topicId)));
                    count += body.lines().size();
                    characters += body.lines().stream()
                            .mapToLong(line -> line.text().length())
                            .sum();
                }
                case Outcome.Refused<LineBody>(Refusal refusal) -> refuse(uplink, refusal, answers, dead);
            }
            if (count >= AT_ONCE || characters >= CHARACTERS_AT_ONCE) {
                settle(reads, answers, dead, telling);
                count = 0;
                characters = 0;
            }
        }
        settle(reads, answers, dead, telling);
    }

    private Outcome<LineBody> read(Uplink uplink) {
        if (!uplink.subject().equals(DeviceTopics.LOG_BATCH)) {
            return Outcome.refused("unknown-subject", "nothing is told of logs in this way");
        }
        return LineBody.batch(
                uplink.body(),
                new LineReader(uplink.millis(), config.lineLimits()),
                config.limits().inflatedBytes(),
                config.limits().linesOfBatch());
    }

    private static Told told(Uplink uplink, LineBody body, String topicId) {
        return new Told(
                uplink.cloud(),
                uplink.device(),
                body.id() == null ? null : "batch " + body.id(),
                body.lines(),
                new Origin(topicId, uplink.partition(), uplink.offset()));
    }

    private void settle(List<Read> reads, List<Answer> answers, List<Letter> dead, Telling telling) {
        List<Optional<Result>> results =
                taking.take("batch", reads.stream().map(Read::told).toList());
        for (int i = 0; i < reads.size(); i++) {
            Read read = reads.get(i);
            if (results.get(i).isEmpty()) {
                refuse(read.uplink(), NOT_STORABLE, answers, dead);
                continue;
            }
            Result result = results.get(i).get();
            Map<Integer, Refusal> refused = read.body().refused(result);
            read.body().refused().values().forEach(why -> metrics.refused(why.code()));
            if (!refused.isEmpty()) {
                dead.add(new Letter(read.uplink(), refused.values().iterator().next()));
            }
            answers.add(new Answer(read.uplink(), read.body().report(result)));
        }
        persistence.until("tell devices", () -> {
            telling.tell(answers, dead);
            return true;
        });
        reads.clear();
        answers.clear();
        dead.clear();
    }

    private void refuse(Uplink uplink, Refusal refusal, List<Answer> answers, List<Letter> dead) {
        metrics.refused(refusal.code());
        dead.add(new Letter(uplink, refusal));
        answers.add(new Answer(
                uplink,
                Json.object()
                        .put("error", refusal.detail())
                        .put("code", refusal.code())
                        .toString()));
    }
}
