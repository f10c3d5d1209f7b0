package io.mooring.logs.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.contracts.kafka.Topic;
import io.mooring.devstack.launcher.Component;
import io.mooring.logs.it.Cloud.Answer;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Lines in by Kafka and HTTP, found and followed; nothing lost and nothing twice. */
class LogsIT {
    private static final Cloud CLOUD = Cloud.get();

    @Test
    void aBatchSentTwiceIsKeptOnceAndEachLineStandsAlone() throws Exception {
        String device = CLOUD.device("P-batch");
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        String body =
                ("{'id':'b1','source':'app','lines':[{'time':'%s','level':'warn','text':'first ✓','fields':{'n':1}},"
                                + "[%d,'error','second\\nrow of it'],{'text':'<5>WARNING third','source':'kernel'},"
                                + "{'time':'1970-01-01T00:00:00Z','text':'old'},{'level':'loud','text':'x'},{'text':7},"
                                + "{'text':'nul \\u0000'},{'text':'half \\ud83d'},{'text':'%s'}]}")
                        .formatted(now.minusSeconds(10), now.minusSeconds(5).toEpochMilli(), "x".repeat(65_537));

        CLOUD.says(device, Cloud.gzip(body));
        CLOUD.says(device, Cloud.gzip(body));

        JsonNode answer = CLOUD.answer(device, "b1");
        assertThat(answer.path("taken").asInt()).isEqualTo(3);
        assertThat(answer.path("refused").asInt()).isEqualTo(6);
        assertThat(answer.findValuesAsText("code"))
                .containsExactly("time-out-of-range", "bad-level", "bad-line", "not-text", "not-text", "line-too-long");
        CLOUD.await(
                Topic.DEVICE_DOWNLINK,
                told -> told.key().equals(device)
                        && told.json().path("repeated").asBoolean());
        CLOUD.awaitDead(device, "time-out-of-range");
        assertThat(CLOUD.texts(device)).containsExactly("first ✓", "second\nrow of it", "<5>WARNING third");
        JsonNode found = CLOUD.get("/v1/clouds/main/logs?order=oldest&device=" + device, CLOUD.operator())
                .json()
                .path("lines");
        assertThat(found.findValuesAsText("level")).containsExactly("warn", "error", "warn");
        assertThat(found.findValuesAsText("source")).containsExactly("app", "app", "kernel");
        assertThat(found.at("/0/time").asText()).isEqualTo(now.minusSeconds(10).toString());
        assertThat(found.at("/0/fields/n").asInt()).isEqualTo(1);
        assertThat(found.at("/0/product").asText()).isEqualTo("P-batch");
    }

    @Test
    void whatCannotBeReadIsAnsweredAndPutAsideAndTheNextIsTaken() throws Exception {
        String device = CLOUD.device("P-bad");
        byte[] bomb = Cloud.gzip("{'lines':[" + " ".repeat(30_000_000) + "]}");
        byte[] cut = Arrays.copyOf(Cloud.gzip("{'lines':[{'text':'never'}]}"), 20);
        byte[] broken = "{\"lines\":[{\"text\":\"x\"}]}".getBytes(StandardCharsets.UTF_8);
        broken[19] = (byte) 0xff;

        CLOUD.says(device, "no json");
        CLOUD.says(device, bomb);
        CLOUD.says(device, cut);
        CLOUD.says(device, broken);
        CLOUD.says(device, new byte[] {0, 1, 2, (byte) 0xff});
        CLOUD.says(device, "{'id':'','lines':[]}");
        CLOUD.says(device, "{'lines':[" + "[null,null,'x'],".repeat(10_000) + "[null,null,'x']]}");

        for (String code : List.of("malformed-json", "too-large", "bad-gzip", "bad-batch", "too-many-lines")) {
            CLOUD.awaitDead(device, code);
            CLOUD.await(
                    Topic.DEVICE_DOWNLINK,
                    told -> told.key().equals(device)
                            && told.json().path("code").asText().equals(code));
        }
        assertThat(CLOUD.logs(device, "{'text':'well'}").path("taken").asInt()).isEqualTo(1);
        assertThat(CLOUD.texts(device)).containsExactly("well");
        String path = "/v1/clouds/main/devices/" + device + "/logs";
        Answer bad = CLOUD.postBytes(path, CLOUD.operator(), cut);
        assertThat(bad.status()).isEqualTo(400);
        assertThat(bad.code()).isEqualTo("bad-gzip");
        assertThat(CLOUD.postBytes(path, CLOUD.operator(), bomb).status()).isEqualTo(413);
    }

    @Test
    void rowsOfTheModelLogAreLinesOnce() throws Exception {
        String device = CLOUD.device("P-row");
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        String row = "{'_type':'Log','sk':'l#%s','id':'%s','message':'%s','created':'%s','updated':'%s'%s}";
        for (int twice = 0; twice < 2; twice++) {
            CLOUD.row(device, "l#1", row.formatted("1", "1", "started", now.minusSeconds(60), now, ""));
            CLOUD.row(
                    device,
                    "l#2",
                    row.formatted(
                            "2",
                            "2",
                            "too hot",
                            now.minusSeconds(30),
                            now,
                            ",'context':{'level':'fatal','source':'fan'}"));
            // A device whose clock was never set.
            CLOUD.row(device, "l#3", row.formatted("3", "3", "no clock", "1970-01-01T00:00:07Z", now, ""));
            CLOUD.row(device, "l#4", row.formatted("4", "4", "long ago", now.minus(Duration.ofDays(20)), now, ""));
            CLOUD.row(device, "l#5", row.formatted("5", "5", "y".repeat(70_000), now.minusSeconds(20), now, ""));
        }
        CLOUD.row(device, "l#6", row.formatted("6", "6", "last", now.plusSeconds(1), now, ""));

        await().atMost(Cloud.PATIENCE)
                .untilAsserted(() -> assertThat(CLOUD.texts(device)).contains("last"));
        List<String> texts = CLOUD.texts(device);
        assertThat(texts).hasSize(5).startsWith("started", "too hot").contains("no clock");
        assertThat(texts.get(2))
                .endsWith("… [cut, it had 70000 bytes]")
                .satisfies(text ->
                        assertThat(text.getBytes(StandardCharsets.UTF_8).length).isLessThanOrEqualTo(65_536));
        CLOUD.awaitDead(device + "/l#4", "time-out-of-range");
        JsonNode grave = CLOUD.get("/v1/clouds/main/logs?level=error&device=" + device, CLOUD.operator())
                .json();
        assertThat(grave.at("/lines/0/source").asText()).isEqualTo("fan");
        assertThat(grave.path("lines")).hasSize(1);
    }

    @Test
    void linesAreSearchedByAllThatIsKnownOfThemInPages() throws Exception {
        String one = CLOUD.device("P-search");
        String other = CLOUD.device("P-search");
        Instant start = Instant.now().minusSeconds(7_200).truncatedTo(ChronoUnit.SECONDS);
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 50; i++) {
            lines.append(i == 0 ? "" : ",")
                    .append("[%d,'%s','Line %d of 100%% a_b']"
                            .formatted(start.plusSeconds(i).toEpochMilli(), i % 10 == 0 ? "error" : "info", i));
        }
        CLOUD.logs(one, lines.toString());
        CLOUD.logs(other, "{'text':'Another Thing','time':'%s'}".formatted(start.plusSeconds(3)));

        assertThat(search("product=P-search&text=LINE%204&limit=4"))
                .containsExactly(
                        "Line 49 of 100% a_b", "Line 48 of 100% a_b", "Line 47 of 100% a_b", "Line 46 of 100% a_b");
        assertThat(search("product=P-search&text=100%25&text=A_B&level=error")).hasSize(5);
        assertThat(search("product=P-search&text=100_")).isEmpty();
        assertThat(search("device=" + one + "&from=" + start.plusSeconds(10) + "&to=" + start.plusSeconds(12)))
                .containsExactly("Line 11 of 100% a_b", "Line 10 of 100% a_b");
        assertThat(search("product=P-search&text=another%20thing")).containsExactly("Another Thing");
        List<String> paged = pages("limit=20&order=oldest&device=" + one);
        assertThat(paged).hasSize(50).startsWith("Line 0 of 100% a_b").endsWith("Line 49 of 100% a_b");
        for (String bad : List.of("text=ab", "level=loud", "from=yesterday", "order=none", "after=x", "limit=0")) {
            Answer answer = CLOUD.get("/v1/clouds/main/logs?" + bad, CLOUD.operator());
            assertThat(answer.status()).as(bad).isEqualTo(400);
            assertThat(answer.code()).as(bad).isEqualTo("bad-request");
        }
    }

    @Test
    void linesOfManyDaysAreFoundInOrderWhereverAPageEnds() throws Exception {
        String device = CLOUD.device("P-days");
        Instant now = Instant.now();
        // Now, at both sides of where one part of the search ends and the next begins, and as old as lines may be.
        List<Duration> ages = List.of(
                Duration.ofMinutes(5),
                Duration.ofHours(23),
                Duration.ofHours(25),
                Duration.ofDays(8),
                Duration.ofDays(10),
                Duration.ofDays(13));
        CLOUD.logs(
                device,
                ages.stream()
                        .map(age -> "{'text':'aged %s','time':'%s'}".formatted(age, now.minus(age)))
                        .collect(Collectors.joining(",")));
        List<String> newestFirst = ages.stream().map(age -> "aged " + age).toList();

        for (int size : List.of(1, 2, 3, 6, 7)) {
            for (String words : List.of("", "&text=aged")) {
                String query = "limit=" + size + "&device=" + device + words;
                assertThat(pages(query)).as(query).isEqualTo(newestFirst);
                assertThat(pages(query + "&order=oldest")).as(query).isEqualTo(newestFirst.reversed());
            }
        }
    }

    @Test
    void aRareWordIsFoundBehindMoreLinesThanAreLookedAtOneByOne() throws Exception {
        String device = CLOUD.device("P-rare");
        Instant start = Instant.now().minusSeconds(7_200);
        CLOUD.logs(device, "{'text':'a needle of iron','time':'%s'}".formatted(start));
        for (int batch = 0; batch < 3; batch++) {
            CLOUD.logs(device, "[null,null,'hay'],".repeat(6_999) + "[null,null,'hay']");
        }
        CLOUD.logs(device, "{'text':'a needle of brass'}");

        assertThat(search("text=needle&device=" + device)).containsExactly("a needle of brass", "a needle of iron");
        assertThat(search("text=needle&limit=1&device=" + device)).containsExactly("a needle of brass");
        assertThat(search("text=pitchfork&device=" + device)).isEmpty();
    }

    /** All lines that fit, page by page. */
    private static List<String> pages(String query) throws Exception {
        List<String> texts = new ArrayList<>();
        String after = "";
        do {
            JsonNode page = CLOUD.get("/v1/clouds/main/logs?" + query + "&after=" + after, CLOUD.operator())
                    .json();
            texts.addAll(page.path("lines").findValuesAsText("text"));
            after = page.path("next").asText();
        } while (!after.isEmpty());
        return texts;
    }

    private static List<String> search(String query) throws Exception {
        Answer answer = CLOUD.get("/v1/clouds/main/logs?" + query, CLOUD.operator());
        assertThat(answer.status()).as(answer.json().toString()).isEqualTo(200);
        return answer.json().path("lines").findValuesAsText("text");
    }

    @Test
    void applicationsSeeWhatTheyReach() throws Exception {
        String seen = CLOUD.device("P-seen");
        String hidden = CLOUD.device("P-hidden");
        CLOUD.application("appSEEN000001", "a good token", "'read'", ",'products':['P-seen']");
        CLOUD.logs(seen, "{'text':'reach me %s'}".formatted(seen));
        CLOUD.logs(hidden, "{'text':'reach me %s not'}".formatted(seen));

        JsonNode found = CLOUD.get("/v1/clouds/main/logs?text=reach%20me%20" + seen, "a good token")
                .json();

        assertThat(found.path("lines").findValuesAsText("device")).containsExactly(seen);
        assertThat(CLOUD.get("/v1/clouds/main/logs?device=" + hidden, "a good token")
                        .json()
                        .path("lines"))
                .isEmpty();
        assertThat(CLOUD.get("/v1/clouds/other/logs", "a good token").code()).isEqualTo("not-allowed");
        assertThat(CLOUD.get("/v1/clouds/main/logs", "a bad token").status()).isEqualTo(401);
        assertThat(CLOUD.post("/v1/clouds/main/devices/" + seen + "/logs", "a good token", "{'lines':[]}")
                        .code())
                .isEqualTo("not-allowed");
        CLOUD.await(
                Topic.AUDIT_EVENT,
                told -> told.json().path("errorCode").asText().equals("unauthenticated")
                        && told.json()
                                .at("/requestParameters/resource")
                                .asText()
                                .equals("GET /v1/clouds/main/logs"));
        CLOUD.await(
                Topic.AUDIT_EVENT,
                told -> told.json().path("errorCode").asText().equals("not-allowed")
                        && told.json().at("/userIdentity/type").asText().equals("Application")
                        && told.json().toString().contains("appSEEN000001"));
    }

    @Test
    void newLinesAreFollowedAsTheyCome() throws Exception {
        String device = CLOUD.device("P-tail");
        HttpResponse<InputStream> stream = CLOUD.client()
                .send(
                        CLOUD.request(
                                        "/v1/clouds/main/logs/tail?product=P-tail&level=warn&text=fOllow",
                                        CLOUD.operator())
                                .build(),
                        HttpResponse.BodyHandlers.ofInputStream());
        assertThat(stream.statusCode()).isEqualTo(200);
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
            assertThat(reader.readLine()).isEqualTo(": following");
            // It begins with what comes after it began; that may be a moment after this line.
            CLOUD.logs(device, "{'text':'INFO follow not this'},{'text':'WARN nor this'}");
            Thread sender = Thread.ofVirtual().start(() -> {
                for (int i = 0; i < 20; i++) {
                    CLOUD.logs(device, "{'text':'ERROR Follow me %d'}".formatted(i));
                }
            });
            List<Integer> heard = new ArrayList<>();
            String line;
            while ((line = reader.readLine()) != null && (heard.isEmpty() || heard.getLast() < 19)) {
                if (line.startsWith("data: {")) {
                    String text =
                            Cloud.JSON.readTree(line.substring(6)).path("text").asText();
                    heard.add(Integer.parseInt(text.substring("ERROR Follow me ".length())));
                }
            }
            assertThat(heard)
                    .isSorted()
                    .doesNotHaveDuplicates()
                    .endsWith(18, 19)
                    .hasSizeGreaterThan(15);
            sender.join();
        }
    }

    @Test
    void linesOfEachProductAreKeptAsLongAsIsSetAndThenDroppedAsAWhole() throws Exception {
        String brief = CLOUD.device("P-brief");
        String usual = CLOUD.device("P-usual");
        Answer set = CLOUD.put("/v1/clouds/main/log-retention?product=P-brief", CLOUD.operator(), "{'days':3}");
        assertThat(set.json().at("/products/P-brief").asInt()).isEqualTo(3);
        assertThat(CLOUD.put("/v1/clouds/main/log-retention", CLOUD.operator(), "{'days':4}")
                        .code())
                .isEqualTo("bad-request");
        assertThat(CLOUD.changes("SetLogRetention"))
                .singleElement()
                .asString()
                .contains("P-brief", "\"days\":\"3\"", "\"Operator\"");
        Instant old = Instant.now().minus(Duration.ofDays(6));
        String line = "{'text':'kept','time':'%s'},{'text':'now'}".formatted(old);

        JsonNode answer = CLOUD.logs(brief, line);
        CLOUD.logs(usual, line);

        assertThat(answer.path("taken").asInt()).isEqualTo(1);
        assertThat(answer.findValuesAsText("code")).containsExactly("time-out-of-range");
        assertThat(CLOUD.texts(brief)).containsExactly("now");
        assertThat(CLOUD.texts(usual)).containsExactly("kept", "now");
        // A table of days that are over, as one that was made in time would be by now.
        long day = old.truncatedTo(ChronoUnit.DAYS).toEpochMilli();
        String name = "line_3_" + old.toString().substring(0, 10).replace("-", "");
        CLOUD.execute("CREATE TABLE logs." + name + " (LIKE logs.line INCLUDING ALL)");
        CLOUD.execute("ALTER TABLE logs." + name + " OWNER TO mooring_logs");
        CLOUD.execute("ALTER TABLE logs.line_3 ATTACH PARTITION logs." + name + " FOR VALUES FROM (" + day + ") TO ("
                + (day + 86_400_000L) + ")");
        CLOUD.stack().kill(Component.LOGS);
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(CLOUD.query(
                                "SELECT relname FROM pg_class WHERE relname ~ '^line_3_' AND relkind = 'r'"))
                        .hasSize(1)
                        .doesNotContain(name));
        assertThat(CLOUD.texts(usual)).containsExactly("kept", "now");
        CLOUD.stack().awaitReady(Component.LOGS);
    }

    @Test
    void everyLineIsKeptOnceAndInOrderAlthoughTheServiceIsKilledAndBatchesComeTwice() throws Exception {
        List<String> devices = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            devices.add(CLOUD.device("P-kill"));
        }
        int rounds = 300;
        String count = "SELECT count(*) FROM logs.line WHERE product = 'P-kill'";
        long time = Instant.now().toEpochMilli();
        for (int round = 0; round < rounds; round++) {
            for (String device : devices) {
                String lines = "[%d,'info','kill %d a'],[%d,'info','kill %d b']".formatted(time, round, time, round);
                if (round % 3 == 0) {
                    // No id: only where it stands in Kafka tells it apart.
                    CLOUD.says(device, "{'lines':[" + lines + "]}");
                } else {
                    CLOUD.says(device, "{'id':'k%d','lines':[%s]}".formatted(round, lines));
                    CLOUD.says(device, "{'id':'k%d','lines':[%s]}".formatted(round, lines));
                }
            }
            if (round == 100 || round == 200) {
                long enough = round;
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> Long.parseLong(CLOUD.query(count).getFirst()) >= enough);
                CLOUD.stack().kill(Component.LOGS);
            }
        }

        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(CLOUD.query(count)).containsExactly("" + rounds * 2 * 5));
        List<String> wanted = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            wanted.add("kill " + round + " a");
            wanted.add("kill " + round + " b");
        }
        for (String device : devices) {
            assertThat(CLOUD.texts(device)).isEqualTo(wanted);
        }
        CLOUD.stack().awaitReady(Component.LOGS);
    }
}
