package io.mooring.bridge.it;

import io.mooring.bridge.stack.BrokerNode;
import io.mooring.bridge.stack.JvmUse;
import io.mooring.bridge.stack.KafkaNode;
import io.mooring.bridge.stack.TestAuthority;
import io.mooring.bridge.stack.TestDevices;
import io.mooring.bridge.stack.TopicReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Kafka, a broker with the bridge, and devices to connect to it. */
final class Stack implements AutoCloseable {
    static final String PREFIX = "test";

    /** A Kafka for all that do it no harm, one after the other: a start costs more than most of them do. */
    private static final class Shared {
        private static final KafkaNode KAFKA = start();

        private static KafkaNode start() {
            try {
                Path data = root().resolve("mqtt-bridge/target/kafka-of-tests");
                if (Files.exists(data)) {
                    try (Stream<Path> all = Files.walk(data)) {
                        all.sorted(Comparator.reverseOrder())
                                .forEach(path -> path.toFile().delete());
                    }
                }
                return KafkaNode.start(JvmUse.BRIEF, root(), data);
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }

    static {
        // Whether it happens is asked, not how soon: whole clouds may be tested beside this.
        Awaitility.setDefaultTimeout(Duration.ofSeconds(60));
    }

    final TestAuthority authority = new TestAuthority();
    final KafkaNode kafka;
    private final boolean ownKafka;
    final BrokerNode broker;
    final TestDevices cloud;
    private final TopicReader reader;
    private final Path root;
    private final Path folder;
    private final Map<String, String> settings;
    private final List<BrokerNode> more = new ArrayList<>();
    private final List<TestApplication> applications = new ArrayList<>();
    private final List<TestClient> clients = new ArrayList<>();
    private final Map<String, TestAuthority.Identity> identities = new HashMap<>();

    /** With topics as new, on a Kafka that is to be left as it is. */
    Stack(Path folder, Map<String, String> bridge) throws IOException {
        this(folder, Shared.KAFKA, false, bridge);
    }

    /** With a Kafka of its own, which may be killed. */
    static Stack withItsOwnKafka(Path folder, Map<String, String> bridge) throws IOException {
        return new Stack(folder, KafkaNode.start(JvmUse.BRIEF, root(), folder.resolve("kafka")), true, bridge);
    }

    private Stack(Path folder, KafkaNode kafka, boolean ownKafka, Map<String, String> bridge) throws IOException {
        this.root = root();
        this.folder = folder;
        this.kafka = kafka;
        this.ownKafka = ownKafka;
        kafka.deleteTopics();
        kafka.createTopics(PREFIX);
        settings = new HashMap<>(Map.of(
                "MOORING_BRIDGE_KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrap(), "MOORING_BRIDGE_TOPICS_PREFIX", PREFIX));
        settings.putAll(bridge);
        broker = BrokerNode.start(JvmUse.BRIEF, root, folder.resolve("broker"), authority, settings);
        cloud = new TestDevices(kafka.bootstrap(), PREFIX);
        reader = new TopicReader(kafka.bootstrap());
    }

    /** Starts one more broker on the same Kafka. */
    BrokerNode anotherBroker(String nodeId) throws IOException {
        return anotherBroker(nodeId, Map.of());
    }

    /** Starts one more broker on the same Kafka, with variables of its own. */
    BrokerNode anotherBroker(String nodeId, Map<String, String> variables) throws IOException {
        Map<String, String> own = new HashMap<>(settings);
        own.putAll(variables);
        own.put("MOORING_BRIDGE_NODE_ID", nodeId);
        BrokerNode node = BrokerNode.start(JvmUse.BRIEF, root, folder.resolve(nodeId), authority, own);
        more.add(node);
        return node;
    }

    private static Path root() {
        String given = System.getProperty("mooring.root");
        return Path.of(given == null ? ".." : given).toAbsolutePath().normalize();
    }

    /** Registers a device with a new certificate. */
    TestAuthority.Identity join(String device, String inCloud, String account) {
        TestAuthority.Identity identity = authority.device(device);
        identities.put(device, identity);
        cloud.register(device, inCloud, account, "active", List.of(identity.fingerprint()));
        return identity;
    }

    /** Registers a device of a product with a new certificate. */
    void joinAs(String device, String inCloud, String product) {
        TestAuthority.Identity identity = authority.device(device);
        identities.put(device, identity);
        cloud.register(device, inCloud, "acct1", product, "active", List.of(identity.fingerprint()));
    }

    /** A client of an application; not connected yet. */
    TestApplication application(TestClient.Version version, String clientId, BrokerNode node) {
        return application(version, clientId, node, null, true);
    }

    TestApplication application(
            TestClient.Version version,
            String clientId,
            BrokerNode node,
            TestAuthority.@Nullable Identity identity,
            boolean acknowledges) {
        TestApplication application =
                new TestApplication(version, clientId, node.applicationPort(), authority, identity, acknowledges);
        applications.add(application);
        return application;
    }

    /** A client with the certificate of a device that joined; not connected yet. */
    TestClient client(TestClient.Version version, String device) {
        return client(version, device, identity(device));
    }

    private TestAuthority.Identity identity(String device) {
        TestAuthority.Identity identity = identities.get(device);
        if (identity == null) {
            throw new IllegalStateException(device + " did not join");
        }
        return identity;
    }

    TestClient client(TestClient.Version version, String clientId, TestAuthority.Identity identity) {
        TestClient client = new TestClient(version, clientId, broker.port(), authority, identity);
        clients.add(client);
        return client;
    }

    /** A client that acknowledges nothing it hears. */
    TestClient deafClient(TestClient.Version version, String device) {
        TestClient client = new TestClient(version, device, broker.port(), authority, identity(device), false);
        clients.add(client);
        return client;
    }

    /** A client of another broker than the first. */
    TestClient client(TestClient.Version version, String device, BrokerNode node) {
        TestClient client = new TestClient(version, device, node.port(), authority, identity(device));
        clients.add(client);
        return client;
    }

    List<ConsumerRecord<String, String>> records(String topic, String key) {
        return reader.of(topic, key);
    }

    List<ConsumerRecord<String, String>> records(String topic) {
        return reader.all(topic);
    }

    @Override
    public void close() {
        applications.forEach(TestApplication::close);
        clients.forEach(TestClient::close);
        cloud.close();
        more.forEach(BrokerNode::close);
        broker.close();
        if (ownKafka) {
            kafka.close();
        }
    }
}
