package io.mooring.bridge.stack;

import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes what services would: the registry, and what the cloud tells. */
public final class TestDevices implements AutoCloseable {
    private final String prefix;
    private final Producer<byte[], byte[]> producer;

    public TestDevices(String bootstrap, String prefix) {
        this.prefix = prefix;
        this.producer = new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrap,
                        "acks",
                        "all",
                        "linger.ms",
                        "1",
                        "request.timeout.ms",
                        "10000",
                        "delivery.timeout.ms",
                        "20000"),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    /** Has the registry say something of a device. */
    public void register(String device, String cloud, String account, String state, List<String> certificates) {
        send(registryRecord(device, cloud, account, state, certificates));
    }

    /** Registers many devices, and waits once for all. */
    public void registerAll(Map<String, String> fingerprints, String cloud, String account) {
        fingerprints.forEach((device, fingerprint) ->
                producer.send(registryRecord(device, cloud, account, "active", List.of(fingerprint))));
        producer.flush();
    }

    private ProducerRecord<byte[], byte[]> registryRecord(
            String device, String cloud, String account, String state, List<String> certificates) {
        String listed = certificates.isEmpty() ? "" : "\"" + String.join("\",\"", certificates) + "\"";
        String value = """
                {"device":"%s","cloud":"%s","account":"%s","product":"p","state":"%s","certificates":[%s],"updated":"%s"}""".formatted(device, cloud, account, state, listed, Instant.now());
        return new ProducerRecord<>(Topic.DEVICE_REGISTRY.name(prefix), utf8(device), utf8(value));
    }

    /** Takes all certificates from many devices, and waits once for all. */
    public void revokeAll(Collection<String> devices, String cloud, String account) {
        devices.forEach(device -> producer.send(registryRecord(device, cloud, account, "active", List.of())));
        producer.flush();
    }

    /** Has the registry delete a device. */
    public void delete(String device) {
        send(new ProducerRecord<>(Topic.DEVICE_REGISTRY.name(prefix), utf8(device), null));
    }

    /** Has the cloud tell a receiver something. */
    public void tell(String cloud, String receiver, String tail, String payload) {
        send(downlink(cloud, receiver, tail, payload));
    }

    /** Has the cloud tell a receiver something that some devices, with commas between them, are not to hear. */
    public void tellAllBut(String except, String cloud, String receiver, String tail, String payload) {
        ProducerRecord<byte[], byte[]> record = downlink(cloud, receiver, tail, payload);
        record.headers().add(EventHeaders.EXCEPT, utf8(except));
        send(record);
    }

    /** Has the cloud tell a receiver one thing after the other, and waits once for all. */
    public void tellAll(String cloud, String receiver, String tail, List<String> payloads) {
        payloads.forEach(payload -> producer.send(downlink(cloud, receiver, tail, payload)));
        producer.flush();
    }

    private ProducerRecord<byte[], byte[]> downlink(String cloud, String receiver, String tail, String payload) {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
                Topic.DEVICE_DOWNLINK.name(prefix), utf8(receiver.substring(receiver.indexOf('/') + 1)), utf8(payload));
        record.headers()
                .add(EventHeaders.CLOUD, utf8(cloud))
                .add(EventHeaders.SUBJECT, utf8(receiver))
                .add(EventHeaders.TOPIC, utf8(tail));
        return record;
    }

    /** Sends any record, and waits for Kafka to have it. */
    public void send(ProducerRecord<byte[], byte[]> record) {
        try {
            producer.send(record).get();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException failed) {
            throw new IllegalStateException(failed.getCause());
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        producer.close();
    }
}
