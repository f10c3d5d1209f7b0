package io.mooring.bench.log;

import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.kafka.Topic;
import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Devstack;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.GZIPOutputStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * {@code ./mooring bench log-search}: sends lines of many devices over HTTP to the service as it ships, one batch after the other, and
 * then searches them in the ways people do. A line has some 95 characters of words, a number of its own, and a time within the last
 * hours; one of a million holds the needle.
 */
public final class LogSearchBench {
    private static final int BATCH = 5_000;
    private static final int DEVICES = 1_000;
    private static final int ASKED = 9;

    /** The number of a device that is asked for: the second batch is its, and of each next the device so many further. */
    private static final int ASKED_OF = 42;

    private static final String NEEDLE = "needle-in-haystack";
    private static final List<String> QUESTIONS = List.of(
            "text=" + NEEDLE,
            "text=" + NEEDLE.substring(3, 12),
            "text=certificate",
            "text=certificate%20renewed",
            "text=certificate%20renewed&level=error",
            "text=not%20in%20any%20line",
            "level=error",
            "product=P3",
            "device=DEV0000042",
            "device=DEV0000042&text=battery&level=warn");

    private LogSearchBench() {}

    public static void main(String[] arguments) throws Exception {
        int lines = 1_000_000;
        if (arguments.length == 2 && arguments[0].equals("--lines") && arguments[1].matches("[1-9][0-9]{3,7}")) {
            lines = Integer.parseInt(arguments[1]);
        } else if (arguments.length > 0) {
            System.err.println("bench log-search: takes --lines N, 1000 to 99999999");
            System.exit(2);
        }
        try (Devstack stack = Devstack.builder().with(Component.LOGS).start();
                HttpClient client = HttpClient.newHttpClient()) {
            register(stack);
            new Run(stack, client).measure(lines);
        }
    }

    private static void register(Devstack stack) throws Exception {
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", stack.bootstrapServers()),
                new StringSerializer(),
                new ByteArraySerializer())) {
            for (int i = 0; i < DEVICES; i++) {
                String entry =
                        "{\"device\":\"%s\",\"cloud\":\"main\",\"account\":\"a\",\"product\":\"P%d\",\"state\":\"active\",\"certificates\":[]}"
                                .formatted(device(i), i % 5);
                ProducerRecord<String, byte[]> record = new ProducerRecord<>(
                        Topic.DEVICE_REGISTRY.name(stack.topicsPrefix()),
                        device(i),
                        entry.getBytes(StandardCharsets.UTF_8));
                record.headers().add(EventHeaders.TYPE, EventTypes.DEVICE_REGISTRY.getBytes(StandardCharsets.UTF_8));
                producer.send(record).get();
            }
        }
        try (Connection connection = stack.connection("postgres");
                Statement statement = connection.createStatement()) {
            long known = 0;
            while (known < DEVICES) {
                try (ResultSet count = statement.executeQuery("SELECT count(*) FROM logs.device")) {
                    count.next();
                    known = count.getLong(1);
                }
                LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
            }
        }
    }

    private static String device(int number) {
        return String.format(Locale.ROOT, "DEV%07d", number);
    }

    private record Run(Devstack stack, HttpClient client) {
        void measure(int lines) throws Exception {
            Random random = new Random(7);
            long from = Instant.now().minus(Duration.ofHours(12)).toEpochMilli();
            long step = Math.max(1, Duration.ofHours(12).toMillis() / lines);
            long sending = 0;
            for (int sent = 0; sent < lines; sent += BATCH) {
                // The first third has the needle, so that it is not near the end.
                byte[] batch = batch(random, from + sent * step, step, sent <= lines / 3 && sent + BATCH > lines / 3);
                long begin = System.nanoTime();
                answer(request("/v1/clouds/main/devices/" + device(sent / BATCH * ASKED_OF % DEVICES) + "/logs")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(batch))
                        .build());
                sending += System.nanoTime() - begin;
            }
            System.out.printf("taken: %,d lines, %,.0f lines/s%n", lines, lines / (sending / 1e9));
            size(lines);
            for (String question : QUESTIONS) {
                long[] nanos = new long[ASKED];
                int found = 0;
                for (int i = 0; i < ASKED; i++) {
                    long begin = System.nanoTime();
                    String answer =
                            answer(request("/v1/clouds/main/logs?" + question).build());
                    nanos[i] = System.nanoTime() - begin;
                    found = answer.split("\"seq\":", -1).length - 1;
                }
                double first = nanos[0] / 1e6;
                Arrays.sort(nanos);
                System.out.printf(
                        "%-45s %4d found; first %7.1f ms, median %7.1f ms, slowest %7.1f ms%n",
                        question.replace("%20", " "), found, first, nanos[ASKED / 2] / 1e6, nanos[ASKED - 1] / 1e6);
            }
        }

        private void size(int lines) throws Exception {
            try (Connection connection = stack.connection("postgres");
                    Statement statement = connection.createStatement();
                    ResultSet size = statement.executeQuery("""
                        SELECT sum(pg_table_size(oid)), sum(pg_indexes_size(oid)) FROM pg_class
                         WHERE relnamespace = 'logs'::regnamespace AND relkind = 'r' AND relname LIKE 'line%'""")) {
                size.next();
                System.out.printf(
                        "on the disk: %.0f bytes a line, and %.0f of indexes%n",
                        size.getDouble(1) / lines, size.getDouble(2) / lines);
            }
        }

        private HttpRequest.Builder request(String path) {
            return HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + stack.ports().logs() + path))
                    .header("Authorization", "Bearer " + stack.secrets().operatorToken());
        }

        private String answer(HttpRequest request) throws IOException, InterruptedException {
            HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            while (answer.statusCode() == 429) {
                LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
                answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            }
            if (answer.statusCode() != 200) {
                throw new IOException(answer.statusCode() + " " + answer.body());
            }
            return answer.body();
        }

        private static byte[] batch(Random random, long from, long step, boolean needle) throws IOException {
            StringBuilder json = new StringBuilder("{\"source\":\"app\",\"lines\":[");
            for (int i = 0; i < BATCH; i++) {
                json.append(i == 0 ? "" : ",")
                        .append('[')
                        .append(from + i * step)
                        .append(",\"")
                        .append(LineTexts.level(random))
                        .append("\",\"")
                        .append(LineTexts.text(random))
                        .append(needle && i == 0 ? " " + NEEDLE : "")
                        .append("\"]");
            }
            ByteArrayOutputStream packed = new ByteArrayOutputStream();
            try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
                out.write(json.append("]}").toString().getBytes(StandardCharsets.UTF_8));
            }
            return packed.toByteArray();
        }
    }
}
