package io.mooring.bridge.stack;

import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.Topic;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Collection;
import java.util.HexFormat;
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
        register(device, cloud, account, "p", state, certificates);
    }

    /** Has the registry say something of a device of a product. */
    public void register(
            String device, String cloud, String account, String product, String state, List<String> certificates) {
        send(registryRecord(device, cloud, account, product, state, certificates));
    }

    /** Registers many devices, and waits once for all. */
    public void registerAll(Map<String, String> fingerprints, String cloud, String account) {
        registerAll(fingerprints, cloud, account, "p");
    }

    /** The same, of a product. */
    public void registerAll(Map<String, String> fingerprints, String cloud, String account, String product) {
        fingerprints.forEach((device, fingerprint) ->
                producer.send(registryRecord(device, cloud, account, product, "active", List.of(fingerprint))));
        producer.flush();
    }

    private ProducerRecord<byte[], byte[]> registryRecord(
            String device, String cloud, String account, String product, String state, List<String> certificates) {
        String listed = certificates.isEmpty() ? "" : "\"" + String.join("\",\"", certificates) + "\"";
        String value = """
                {"device":"%s","cloud":"%s","account":"%s","product":"%s","state":"%s","certificates":[%s],"updated":"%s"}""".formatted(device, cloud, account, product, state, listed, Instant.now());
        return new ProducerRecord<>(Topic.DEVICE_REGISTRY.name(prefix), utf8(device), utf8(value));
    }

    /** Has the registry say something of an application. */
    public void application(
            String id,
            String cloud,
            String token,
            List<String> rights,
            List<String> products,
            List<String> certificates) {
        String value = """
                {"application":"%s","cloud":"%s","state":"active","tokens":[%s],"certificates":%s,"rights":%s,"products":%s}""".formatted(
                        id,
                        cloud,
                        token.isEmpty() ? "" : "{\"sha256\":\"" + sha256(token) + "\"}",
                        quoted(certificates),
                        quoted(rights),
                        quoted(products));
        send(new ProducerRecord<>(Topic.APPLICATION_REGISTRY.name(prefix), utf8(id), utf8(value)));
    }

    /** Takes an application out of the registry. */
    public void deleteApplication(String id) {
        send(new ProducerRecord<>(Topic.APPLICATION_REGISTRY.name(prefix), utf8(id), null));
    }

    /** Declares a product's application topics: pattern and direction, one after the other. */
    public void declare(String cloud, String product, String... patternsAndDirections) {
        StringBuilder patterns = new StringBuilder();
        for (int i = 0; i < patternsAndDirections.length; i += 2) {
            patterns.append(i == 0 ? "" : ",")
                    .append("{\"pattern\":\"%s\",\"direction\":\"%s\"}"
                            .formatted(patternsAndDirections[i], patternsAndDirections[i + 1]));
        }
        String value = "{\"cloud\":\"%s\",\"product\":\"%s\",\"patterns\":[%s]}".formatted(cloud, product, patterns);
        send(new ProducerRecord<>(Topic.APPLICATION_TOPIC.name(prefix), utf8(cloud + "/" + product), utf8(value)));
    }

    /** Has the cloud tell one device something, and asks for a receipt. */
    public void tellAndAsk(String cloud, String device, String tail, String payload, String receipt) {
        ProducerRecord<byte[], byte[]> record = downlink(cloud, "device/" + device, tail, payload);
        record.headers().add(EventHeaders.RECEIPT, utf8(receipt));
        send(record);
    }

    /** Has the cloud tell a receiver something that belongs to a trace. */
    public void tellTraced(String cloud, String receiver, String tail, String payload, String traceParent) {
        ProducerRecord<byte[], byte[]> record = downlink(cloud, receiver, tail, payload);
        record.headers().add(EventHeaders.TRACE_PARENT, utf8(traceParent));
        send(record);
    }

    /** Has the cloud tell an application something. */
    public void tellApplication(String cloud, String application, String tail, String payload) {
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(Topic.APPLICATION_MESSAGE.name(prefix), utf8(application), utf8(payload));
        record.headers().add(EventHeaders.CLOUD, utf8(cloud)).add(EventHeaders.TOPIC, utf8(tail));
        send(record);
    }

    private static String quoted(List<String> texts) {
        return texts.isEmpty() ? "[]" : "[\"" + String.join("\",\"", texts) + "\"]";
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(utf8(text)));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Takes all certificates from many devices, and waits once for all. */
    public void revokeAll(Collection<String> devices, String cloud, String account) {
        devices.forEach(device -> producer.send(registryRecord(device, cloud, account, "p", "active", List.of())));
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
