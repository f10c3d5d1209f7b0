package io.mooring.chassis.kafka;

import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;

/** Which topics topics are: one that was deleted and made anew bears the same name but another id. */
@Singleton
public class TopicIds {
    private static final int PATIENCE_SECONDS = 15;
    /** How long an answer holds. A topic is not replaced under a running cloud without a restart of Kafka. */
    private static final long HOLDS_NANOS = TimeUnit.MINUTES.toNanos(5);

    private record Answer(String id, long nanos) {}

    private final KafkaSettings kafka;
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();

    public TopicIds(KafkaSettings kafka) {
        this.kafka = kafka;
    }

    /** The id of a topic. */
    public String of(String topic) throws Exception {
        Answer answer = answers.get(topic);
        long now = System.nanoTime();
        if (answer != null && now - answer.nanos() < HOLDS_NANOS) {
            return answer.id();
        }
        try (Admin admin = Admin.create(kafka.with(Map.of()))) {
            TopicDescription described = admin.describeTopics(List.of(topic))
                    .topicNameValues()
                    .values()
                    .iterator()
                    .next()
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            String id = described.topicId().toString();
            answers.put(topic, new Answer(id, now));
            return id;
        }
    }
}
