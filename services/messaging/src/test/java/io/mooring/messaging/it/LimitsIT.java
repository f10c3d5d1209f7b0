package io.mooring.messaging.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.kafka.Topic;
import io.mooring.messaging.it.Cloud.Answer;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whoever asks for too much, or never reads, is told so, and nobody else notices. */
@Timeout(90)
class LimitsIT {
    private static final int STREAMS = 20;
    /** More than a listener's queue and the buffers of a connection hold. */
    private static final int EVENTS = 1_900;

    private static final int EVENT_BYTES = 16_384;
    private static final int TOGETHER = 50;

    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private static Cloud cloud;

    @BeforeAll
    static void start() {
        cloud = Cloud.get();
    }

    private static String token(String rights) throws Exception {
        return cloud.application(rights, "").json().path("token").asText();
    }

    /** Each on a connection of its own: within one of HTTP/2, whoever does not read holds up the others. */
    private static InputStream listen(String token) throws Exception {
        HttpResponse<InputStream> response = CLIENT.send(
                cloud.request("/v1/events?kind=message", token).GET().build(),
                HttpResponse.BodyHandlers.ofInputStream());
        assertThat(response.statusCode()).isEqualTo(200);
        return response.body();
    }

    @Test
    void endAStreamThatNobodyReads() throws Exception {
        String device = cloud.device("L1");
        BufferedReader never =
                new BufferedReader(new InputStreamReader(listen(token("'subscribe'")), StandardCharsets.UTF_8));
        assertThat(never.readLine()).isEqualTo(": listening");
        BufferedReader other =
                new BufferedReader(new InputStreamReader(listen(token("'subscribe'")), StandardCharsets.UTF_8));
        String payload = "x".repeat(EVENT_BYTES);

        for (int i = 0; i < EVENTS; i++) {
            cloud.send(
                    Topic.APPLICATION_UPLINK,
                    device,
                    EventTypes.APPLICATION_UPLINK,
                    payload,
                    EventHeaders.SUBJECT,
                    "telemetry/" + i);
            if ((i + 1) % TOGETHER == 0) {
                // Whoever reads hears all of it meanwhile.
                for (int heard = i + 1 - TOGETHER; heard <= i; heard++) {
                    assertThat(nextTopic(other)).isEqualTo("telemetry/" + heard);
                }
            }
        }

        List<String> heard = new ArrayList<>();
        String line;
        while ((line = never.readLine()) != null && !line.equals("event: overrun")) {
            if (line.startsWith("data: ")) {
                heard.add(topic(line));
            }
        }
        assertThat(line).isEqualTo("event: overrun");
        assertThat(heard).hasSizeBetween(1_000, EVENTS - 1);
        // No gap before it ends.
        for (int i = 0; i < heard.size(); i++) {
            assertThat(heard.get(i)).isEqualTo("telemetry/" + i);
        }
    }

    private static String nextTopic(BufferedReader events) throws Exception {
        String line = events.readLine();
        while (!line.startsWith("data: ")) {
            line = events.readLine();
        }
        return topic(line);
    }

    private static String topic(String line) throws Exception {
        return Cloud.JSON
                .readTree(line.substring("data: ".length()))
                .path("topic")
                .asText();
    }

    @Test
    void boundTheStreamsOfACaller() throws Exception {
        String token = token("'subscribe'");
        List<InputStream> open = new ArrayList<>();
        for (int i = 0; i < STREAMS; i++) {
            open.add(listen(token));
        }

        Answer refused = cloud.get("/v1/events?kind=message", token);

        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.code()).isEqualTo("too-many-streams");
        // Others have theirs.
        open.add(listen(token("'subscribe'")));
        for (InputStream stream : open) {
            stream.close();
        }
    }

    @Test
    void boundWhatAnybodyMayAsk() throws Exception {
        String token = token("'read'");
        String other = token("'read'");
        Answer answer;
        int asked = 0;
        do {
            answer = cloud.get("/v1/request-handlers", token);
            asked++;
        } while (answer.status() == 200 && asked < 3_000);

        // More than the burst: some come back while it asks.
        assertThat(asked).isGreaterThan(1_000);
        assertThat(answer.status()).isEqualTo(429);
        assertThat(answer.code()).isEqualTo("too-many-requests");
        assertThat(cloud.get("/v1/request-handlers", other).status()).isEqualTo(200);
    }

    @Test
    void boundWhatADeviceMayAskOfItsShadowsInASecond() throws Exception {
        Instant second = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        String waited = cloud.device("L7");
        String hasty = cloud.device("L7");

        // What waited for the service came within more than a second, and is all done.
        cloud.sendTogether(updates(waited, 250, i -> second.minusSeconds(i / 125)));
        cloud.sendTogether(updates(hasty, 250, i -> second));

        cloud.await(Topic.DEVICE_DOWNLINK, 250, record -> isAbout(record, waited, "accepted"));
        cloud.await(Topic.DEVICE_DOWNLINK, 200, record -> isAbout(record, hasty, "accepted"));
        Cloud.Told refused = cloud.await(Topic.DEVICE_DOWNLINK, 50, record -> isAbout(record, hasty, "rejected"));
        assertThat(refused.json().path("code").asInt()).isEqualTo(429);
    }

    private static boolean isAbout(Cloud.Told record, String device, String answer) {
        return record.key().equals(device) && record.header(EventHeaders.TOPIC).equals("$aws/shadow/update/" + answer);
    }

    private static List<ProducerRecord<String, byte[]>> updates(String device, int count, IntFunction<Instant> at) {
        return IntStream.range(0, count)
                .mapToObj(i -> cloud.record(
                        Topic.DEVICE_UPLINK,
                        at.apply(i),
                        device,
                        EventTypes.DEVICE_UPLINK,
                        "{'state':{'reported':{'n':%d}}}".formatted(i),
                        EventHeaders.SUBJECT,
                        "$aws/shadow/update",
                        EventHeaders.ACCOUNT,
                        "acct1"))
                .toList();
    }

    @Test
    void boundHowOftenASourceMayGuess() throws Exception {
        String token = token("'read'");
        HttpClient guesser = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .localAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 9}))
                .build();
        int guesses = 0;
        int status;
        do {
            status = status(guesser, "guess-" + guesses++);
        } while (status == 401 && guesses < 1_000);

        // More than the burst: some come back while it guesses.
        assertThat(status).isEqualTo(429);
        assertThat(guesses).isGreaterThan(50);
        // Whoever asks from elsewhere is let in as ever.
        assertThat(cloud.get("/v1/request-handlers", token).status()).isEqualTo(200);
        assertThat(cloud.get("/v1/request-handlers", token + "x").status()).isEqualTo(401);
        // And so is the source, once it has stopped.
        Awaitility.await().atMost(Cloud.PATIENCE).until(() -> status(guesser, token) == 200);
    }

    private static int status(HttpClient client, String token) throws Exception {
        return client.send(
                        cloud.request("/v1/request-handlers", token).GET().build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    @Test
    void showLongListsInPages() throws Exception {
        String token = token("'read','command'");
        List<String> devices = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            devices.add(cloud.device("L2"));
        }
        List<String> commands = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Answer sent = cloud.post("/v1/commands", token, "{'command':'c','product':'L2'}");
            commands.addFirst(sent.json().path("id").asText());
        }

        assertThat(pages("/v1/devices?query=product%20=%20L2&limit=2", "devices", "after", "id", token))
                .containsExactlyElementsOf(devices.stream().sorted().toList());
        assertThat(pages("/v1/commands?limit=2", "commands", "before", "id", token))
                .containsExactlyElementsOf(commands);
        assertThat(pages(
                        "/v1/commands/" + commands.getFirst() + "/devices?limit=2",
                        "devices",
                        "after",
                        "device",
                        token))
                .containsExactlyElementsOf(devices.stream().sorted().toList());
        assertThat(cloud.get("/v1/commands?limit=1001", token).code()).isEqualTo("bad-request");
    }

    private static List<String> pages(String path, String list, String next, String id, String token) throws Exception {
        List<String> all = new ArrayList<>();
        String more = "";
        while (true) {
            JsonNode page = cloud.get(path + more, token).json();
            assertThat(page.path(list).size()).isLessThanOrEqualTo(2);
            page.path(list).forEach(one -> all.add(one.path(id).asText()));
            if (!page.has("next")) {
                return all;
            }
            more = "&" + next + "=" + page.path("next").asText();
        }
    }
}
