package io.mooring.devstack.launcher.parts;

import io.mooring.contracts.kafka.Topic;
import io.mooring.devstack.launcher.process.StartException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** The topics of the contracts, which nobody makes by asking for them. */
public final class KafkaTopics {
    /** Somebody should look at dead letters before they vanish. */
    private static final Duration DEAD_LETTERS_KEPT = Duration.ofDays(30);

    private static final Duration LEADERS_WITHIN = Duration.ofSeconds(30);
    private static final Duration PAUSE = Duration.ofMillis(100);

    private KafkaTopics() {}

    /**
     * Makes the topics that are missing on a Kafka of one node.
     *
     * @param mostPartitions of a topic; each costs, used or not
     */
    public static void create(String bootstrapServers, String prefix, int mostPartitions) throws InterruptedException {
        Map<String, Object> client = Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        create(client, wanted(prefix, (short) 1, mostPartitions));
    }

    /**
     * Makes the topics that are missing, and a topic of dead letters for each.
     *
     * @param client how Kafka is reached
     * @param copies on how many brokers each is kept; -1 for what the brokers think best
     */
    public static void create(Map<String, Object> client, String prefix, short copies) throws InterruptedException {
        create(client, wanted(prefix, copies, Integer.MAX_VALUE));
    }

    private static void create(Map<String, Object> client, List<NewTopic> wanted) throws InterruptedException {
        try (Admin admin = Admin.create(client)) {
            Set<String> present = admin.listTopics().names().get();
            List<NewTopic> missing = new ArrayList<>();
            for (NewTopic topic : wanted) {
                if (!present.contains(topic.name())) {
                    missing.add(topic);
                }
            }
            if (!missing.isEmpty()) {
                admin.createTopics(missing).all().get();
                awaitLeaders(admin, missing);
            }
        } catch (ExecutionException notMade) {
            Throwable cause = notMade.getCause() == null ? notMade : notMade.getCause();
            throw new StartException("Kafka's topics could not be made: " + cause.getMessage(), cause);
        }
    }

    /**
     * The question goes to the leader of each partition, again and again until there is one. A
     * producer that is early is refused, and then sends out of order what it sends again. A broker may not have heard of a
     * topic yet that the controller has made, which the client does not take for a reason to ask again.
     */
    private static void awaitLeaders(Admin admin, List<NewTopic> topics)
            throws InterruptedException, ExecutionException {
        Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
        for (NewTopic topic : topics) {
            for (int partition = 0; partition < topic.numPartitions(); partition++) {
                ends.put(new TopicPartition(topic.name(), partition), OffsetSpec.latest());
            }
        }
        Instant until = Instant.now().plus(LEADERS_WITHIN);
        while (true) {
            try {
                admin.listOffsets(ends).all().get();
                return;
            } catch (ExecutionException early) {
                if (!(early.getCause() instanceof UnknownTopicOrPartitionException)
                        || Instant.now().isAfter(until)) {
                    throw early;
                }
                Thread.sleep(PAUSE);
            }
        }
    }

    private static List<NewTopic> wanted(String prefix, short copies, int mostPartitions) {
        List<NewTopic> wanted = new ArrayList<>();
        for (Topic topic : Topic.ALL) {
            Map<String, String> settings = topic.compacted()
                    ? Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT)
                    : retained(topic.retention());
            int partitions = Math.min(topic.partitions(), mostPartitions);
            wanted.add(new NewTopic(topic.name(prefix), partitions, copies).configs(settings));
            wanted.add(new NewTopic(topic.deadLetterName(prefix), 1, copies).configs(retained(DEAD_LETTERS_KEPT)));
        }
        return wanted;
    }

    private static Map<String, String> retained(Duration retention) {
        return Map.of(TopicConfig.RETENTION_MS_CONFIG, Long.toString(retention.toMillis()));
    }
}
