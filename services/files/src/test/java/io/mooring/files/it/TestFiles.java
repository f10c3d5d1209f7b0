package io.mooring.files.it;

import io.mooring.contracts.access.AccessGrant;
import io.mooring.contracts.access.AccessKey;
import io.mooring.contracts.access.AccessKeys;
import io.mooring.contracts.access.MasterKey;
import io.mooring.contracts.kafka.Topic;
import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Devstack;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/** The running service, and whom the registry knows; plays provisioning, which is not needed here. */
final class TestFiles implements AutoCloseable {
    static final String REGION = "local-1";
    static final String CLOUD = "main";
    static final String ACCOUNT = "acme";
    static final Instant SINCE = Instant.parse("2026-01-01T00:00:00Z");

    private final Devstack stack;
    private final KafkaProducer<String, byte[]> producer;
    private final AccessKeys keys;

    private TestFiles(Devstack stack) {
        this.stack = stack;
        this.keys = new AccessKeys(MasterKey.of(stack.secrets().accessMasterKey()), List.of());
        this.producer = new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, stack.bootstrapServers()),
                new StringSerializer(),
                new ByteArraySerializer());
    }

    static TestFiles start(Map<String, String> environment) {
        return new TestFiles(Devstack.builder()
                .brief()
                .with(Component.FILES)
                .environment(Component.FILES, environment)
                .start());
    }

    Devstack stack() {
        return stack;
    }

    String https() {
        return stack.url(Component.FILES);
    }

    String http() {
        return "http://127.0.0.1:" + stack.ports().files();
    }

    /** What the registry says of a device from now on; a null state is a tombstone. */
    void registry(String device, @Nullable String state, Instant since) throws Exception {
        byte[] value = state == null
                ? null
                : ("{\"device\":\"%s\",\"cloud\":\"main\",\"account\":\"acme\",\"product\":\"P\",\"state\":\"%s\","
                                + "\"certificates\":[],\"since\":\"%s\",\"updated\":\"%s\"}")
                        .formatted(device, state, since, Instant.now())
                        .getBytes(StandardCharsets.UTF_8);
        producer.send(new ProducerRecord<>(Topic.DEVICE_REGISTRY.name(stack.topicsPrefix()), device, value))
                .get();
    }

    /** A key as provisioning would make it for a device that is in its state since long ago. */
    AccessKey key(String device) {
        return key(device, SINCE, Duration.ofHours(1));
    }

    AccessKey key(String device, Instant since, Duration life) {
        byte[] chance = new byte[AccessKeys.RANDOM_BYTES];
        new SecureRandom().nextBytes(chance);
        Instant now = Instant.now();
        return keys.issue(
                new AccessGrant(device, CLOUD, ACCOUNT, Set.of(AccessGrant.FILES), since, now, now.plus(life)), chance);
    }

    /** What AWS' programs read from their environment. */
    Map<String, String> environment(AccessKey key) {
        return Map.of(
                "AWS_ACCESS_KEY_ID",
                key.id(),
                "AWS_SECRET_ACCESS_KEY",
                key.secret(),
                "AWS_SESSION_TOKEN",
                key.sessionToken(),
                "AWS_REGION",
                REGION,
                "AWS_DEFAULT_REGION",
                REGION,
                "AWS_CONFIG_FILE",
                "/dev/null",
                "AWS_SHARED_CREDENTIALS_FILE",
                "/dev/null",
                "AWS_EC2_METADATA_DISABLED",
                "true",
                "AWS_MAX_ATTEMPTS",
                "2",
                "AWS_CA_BUNDLE",
                stack.authorityFile().toString());
    }

    @Override
    public void close() {
        producer.close();
        stack.close();
    }
}
