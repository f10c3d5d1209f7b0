package io.mooring.bench.sync;

import io.mooring.bench.cloud.TopicStack;
import io.mooring.contracts.kafka.Topic;
import io.mooring.contracts.mqtt.DeviceTopics;
import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Devstack;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** What sync needs around it, and a hand on each of its ends: Kafka on one, PostgreSQL on the other. */
final class SyncStack extends TopicStack {
    private SyncStack(Devstack stack, boolean ours) {
        super(stack, ours);
    }

    /** Starts PostgreSQL, Kafka, Connect and sync, and puts the model in force. */
    static SyncStack start() throws IOException, InterruptedException {
        SyncStack stack = new SyncStack(
                Devstack.builder()
                        .with(Component.POSTGRESQL, Component.KAFKA, Component.CONNECT, Component.SYNC)
                        .start(),
                true);
        try {
            stack.putSchema(BenchModel.SCHEMA);
            return stack;
        } catch (IOException | RuntimeException | InterruptedException failed) {
            stack.close();
            throw failed;
        }
    }

    /** Of a cloud that runs already. */
    static SyncStack of(Devstack running) throws IOException, InterruptedException {
        SyncStack stack = new SyncStack(running, false);
        stack.putSchema(BenchModel.SCHEMA);
        return stack;
    }

    private void putSchema(String source) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(devstack().url(Component.SYNC) + "/v1/clouds/main/schema"))
                .header("Authorization", "Bearer " + devstack().secrets().serviceToken("launcher", "sync"))
                .PUT(HttpRequest.BodyPublishers.ofString(source))
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IOException("the schema was not taken: " + answer.body());
            }
        }
    }

    void register(List<String> devices) throws InterruptedException {
        register(devices, "sync.device");
    }

    /** Says something of sync as a device; {@link #flush} waits for Kafka. */
    void say(String device, String tail, byte[] json) {
        say(Topic.SYNC_UPLINK, device, tail, json);
    }

    void syncUp(String device, byte[] json) {
        say(device, DeviceTopics.SYNC_UP, json);
    }

    /** As an application. */
    Connection application() throws SQLException {
        return devstack().connection("mooring_operator");
    }

    /** Waits until Debezium has read all that was written so far, and sync has noted all that Debezium said. */
    void settle() throws InterruptedException {
        long written = number("SELECT (pg_current_wal_lsn() - '0/0')::bigint");
        await(
                "Debezium follows",
                () -> number(
                                "SELECT (confirmed_flush_lsn - '0/0')::bigint FROM pg_replication_slots WHERE slot_name = 'mooring'")
                        >= written);
        try (KafkaConsumer<String, byte[]> changes = reader(Topic.DATABASE_CHANGE)) {
            TopicPartition only = changes.assignment().iterator().next();
            long end = changes.position(only);
            LongSupplier indexed = () -> number("SELECT next FROM sync.stream");
            // Markers of transactions take offsets of their own at the end of the topic.
            await("sync follows", () -> indexed.getAsLong() >= end - 1);
        }
    }

    /** How much memory a component's process has taken at most since {@link #forgetPeak}, in MiB. */
    long peakMebibytes(Component component) throws IOException {
        for (String line :
                Files.readAllLines(Path.of("/proc/" + devstack().pid(component).orElseThrow() + "/status"))) {
            if (line.startsWith("VmHWM:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
            }
        }
        throw new IOException("no VmHWM");
    }

    /** Begins anew with the peak of a component's memory. */
    void forgetPeak(Component component) throws IOException {
        Files.writeString(Path.of("/proc/" + devstack().pid(component).orElseThrow() + "/clear_refs"), "5");
    }
}
