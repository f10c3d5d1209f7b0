package io.mooring.messaging.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.kafka.Topic;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whoever listened and comes back hears all that it missed, once. */
@Timeout(90)
class StreamIT {
    private static final int DEVICES = 5;
    private static final int EACH = 12;

    private static Cloud cloud;

    @BeforeAll
    static void start() {
        cloud = Cloud.get();
    }

    /** What comes out of a stream: an event, or a place without one. */
    private record Said(String id, String event, JsonNode data) {}

    /** A listener that remembers where it was, as browsers do. */
    private static final class Source implements AutoCloseable {
        private final BufferedReader lines;
        private String last;

        private Source(String token, String last) throws Exception {
            HttpRequest.Builder request = cloud.request("/v1/events?kind=message", token);
            HttpResponse<InputStream> response = cloud.client()
                    .send(
                            last.isEmpty()
                                    ? request.build()
                                    : request.header("Last-Event-ID", last).build(),
                            HttpResponse.BodyHandlers.ofInputStream());
            assertThat(response.statusCode()).isEqualTo(200);
            this.lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
            this.last = last;
        }

        /** What comes next, places without events included. */
        private Said next() throws IOException {
            String event = "";
            JsonNode data = Cloud.JSON.missingNode();
            boolean begun = false;
            for (String line = lines.readLine(); !line.isEmpty() || !begun; line = lines.readLine()) {
                if (line.startsWith("id: ")) {
                    last = line.substring("id: ".length());
                    begun = true;
                } else if (line.startsWith("event: ")) {
                    event = line.substring("event: ".length());
                    begun = true;
                } else if (line.startsWith("data: ")) {
                    data = Cloud.JSON.readTree(line.substring("data: ".length()));
                }
            }
            return new Said(last, event, data);
        }

        private String message() throws IOException {
            Said said = next();
            while (said.event().isEmpty()) {
                said = next();
            }
            assertThat(said.event()).isEqualTo("message");
            return said.data().path("device").asText() + " "
                    + said.data().path("topic").asText();
        }

        private List<String> messages(int count) throws IOException {
            List<String> heard = new ArrayList<>();
            while (heard.size() < count) {
                heard.add(message());
            }
            return heard;
        }

        @Override
        public void close() throws IOException {
            lines.close();
        }
    }

    private static String token() throws Exception {
        return cloud.application("'subscribe'", "").json().path("token").asText();
    }

    private static List<String> devices() throws Exception {
        List<String> devices = new ArrayList<>();
        for (int i = 0; i < DEVICES; i++) {
            devices.add(cloud.device("S1"));
        }
        return devices;
    }

    private static void send(List<String> devices, int from, int to) throws Exception {
        for (int i = from; i < to; i++) {
            for (String device : devices) {
                cloud.send(
                        Topic.APPLICATION_UPLINK,
                        device,
                        EventTypes.APPLICATION_UPLINK,
                        "{'t':21}",
                        EventHeaders.SUBJECT,
                        "telemetry/" + i);
            }
        }
    }

    private static List<String> expected(List<String> devices, int from, int to) {
        return IntStream.range(from, to)
                .boxed()
                .flatMap(i -> devices.stream().map(device -> device + " telemetry/" + i))
                .toList();
    }

    private static List<String> of(String device, List<String> heard) {
        return heard.stream().filter(text -> text.startsWith(device)).toList();
    }

    @Test
    void takesUpAStreamWhereItWasLeft() throws Exception {
        List<String> devices = devices();
        String token = token();
        List<String> heard = new ArrayList<>();
        String last;
        try (Source first = new Source(token, "")) {
            assertThat(first.next().event()).isEmpty();
            send(devices, 0, EACH);
            // Not all: what it was sent, but did not take, is not heard.
            heard.addAll(first.messages(EACH));
            last = first.last;
        }
        send(devices, EACH, 2 * EACH);

        try (Source second = new Source(token, last)) {
            heard.addAll(second.messages(2 * EACH * DEVICES - EACH));
            send(devices, 2 * EACH, 3 * EACH);
            heard.addAll(second.messages(EACH * DEVICES));
        }

        assertThat(heard).containsExactlyInAnyOrderElementsOf(expected(devices, 0, 3 * EACH));
        for (String device : devices) {
            assertThat(of(device, heard)).isEqualTo(of(device, expected(devices, 0, 3 * EACH)));
        }
    }

    @Test
    void takesUpAStreamThatWasLeftBeforeAnythingHappened() throws Exception {
        List<String> devices = devices();
        String token = token();
        String last;
        try (Source first = new Source(token, "")) {
            last = first.next().id();
        }
        send(devices, 0, 1);

        try (Source second = new Source(token, last)) {
            assertThat(second.messages(DEVICES)).containsExactlyInAnyOrderElementsOf(expected(devices, 0, 1));
        }
    }

    @Test
    void saysWhenSomethingThatWasMissedIsGone() throws Exception {
        List<String> devices = devices();
        String token = token();
        String last;
        try (Source first = new Source(token, "")) {
            send(devices, 0, 1);
            first.messages(DEVICES);
            last = first.last;
        }
        send(devices, 1, 3);
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, cloud.bootstrapServers()))) {
            String topic = cloud.topic(Topic.APPLICATION_UPLINK);
            List<TopicPartition> all = admin.describeTopics(List.of(topic)).allTopicNames().get().values().stream()
                    .flatMap(described -> described.partitions().stream())
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
            for (TopicPartition partition : all) {
                // -1: all that is there.
                admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(-1)))
                        .all()
                        .get();
            }
        }
        send(devices, 3, 4);

        try (Source second = new Source(token, last)) {
            assertThat(second.next().event()).isEqualTo("gap");
            assertThat(second.messages(DEVICES)).containsExactlyInAnyOrderElementsOf(expected(devices, 3, 4));
        }
    }

    @Test
    void refusesWhatIsNoPlaceInAStream() throws Exception {
        HttpResponse<String> refused = cloud.client()
                .send(
                        cloud.request("/v1/events?kind=message", token())
                                .header("Last-Event-ID", "17")
                                .build(),
                        HttpResponse.BodyHandlers.ofString());

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(Cloud.JSON.readTree(refused.body()).path("code").asText()).isEqualTo("bad-request");
    }
}
