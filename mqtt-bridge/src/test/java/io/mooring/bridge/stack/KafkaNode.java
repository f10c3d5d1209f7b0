package io.mooring.bridge.stack;

import io.mooring.contracts.kafka.Topic;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** One Kafka node, which can be killed and started again with the same data and port. */
public final class KafkaNode implements AutoCloseable {
    private final JvmUse use;
    private final Path root;
    private final Path data;
    private final int port;
    private final int controllerPort;
    private ChildProcess process;

    private KafkaNode(JvmUse use, Path root, Path data, int port, int controllerPort) throws IOException {
        this.use = use;
        this.root = root;
        this.data = data;
        this.port = port;
        this.controllerPort = controllerPort;
        this.process = launch();
    }

    /** Starts an empty node. */
    public static KafkaNode start(JvmUse use, Path root, Path data) throws IOException {
        return new KafkaNode(use, root, data, freePort(), freePort());
    }

    private ChildProcess launch() throws IOException {
        return ChildProcess.start(
                root.resolve("devstack/kafka"),
                use.flags(root, "kafka", "-Xmx512m"),
                "io.mooring.devstack.kafka.KafkaMain",
                List.of(
                        "--port",
                        Integer.toString(port),
                        "--controller-port",
                        Integer.toString(controllerPort),
                        "--data",
                        data.toString()),
                Map.of(),
                "kafka ready on port");
    }

    /** Where clients connect. */
    public String bootstrap() {
        return "127.0.0.1:" + port;
    }

    /** The process, to hinder it. */
    public ChildProcess process() {
        return process;
    }

    /** Starts it again after it was killed. */
    public void restart() throws IOException {
        process = launch();
    }

    /** Deletes all topics, and with them how far anybody has read. */
    public void deleteTopics() {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap()))) {
            admin.deleteTopics(admin.listTopics().names().get()).all().get();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException failed) {
            throw new IllegalStateException(failed.getCause());
        }
    }

    /** Makes all topics of the public API, and their dead letters. */
    public void createTopics(String prefix) {
        List<NewTopic> topics = new ArrayList<>();
        for (Topic topic : Topic.ALL) {
            Map<String, String> configs = new HashMap<>();
            configs.put("cleanup.policy", topic.compacted() ? "compact" : "delete");
            topics.add(new NewTopic(topic.name(prefix), use.partitions(topic), (short) 1).configs(configs));
            topics.add(new NewTopic(topic.deadLetterName(prefix), 1, (short) 1));
        }
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap()))) {
            admin.createTopics(topics).all().get();
            // Asks the leader of each partition, again and again until there is one: a producer that is early is
            // refused, and sends out of order what it sends again.
            Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
            for (NewTopic topic : topics) {
                for (int partition = 0; partition < topic.numPartitions(); partition++) {
                    ends.put(new TopicPartition(topic.name(), partition), OffsetSpec.latest());
                }
            }
            while (!answers(admin.listOffsets(ends))) {
                Thread.onSpinWait();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException failed) {
            throw new IllegalStateException(failed.getCause());
        }
    }

    /** Whether there is nothing any more that is not known yet. */
    private static boolean answers(ListOffsetsResult asked) throws InterruptedException, ExecutionException {
        try {
            asked.all().get();
            return true;
        } catch (ExecutionException failed) {
            // Of a topic that was deleted and made again.
            if (failed.getCause() instanceof UnknownTopicOrPartitionException) {
                return false;
            }
            throw failed;
        }
    }

    static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    @Override
    public void close() {
        process.close();
    }
}
