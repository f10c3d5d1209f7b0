package io.mooring.messaging.core.shadow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.contracts.mqtt.ShadowTopic;
import io.mooring.messaging.core.shadow.ShadowDecision.News;
import io.mooring.messaging.core.shadow.ShadowDocument.Section;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** AWS' documented rules, as the table rules.json5 says them, and those of size, which no table needs to show. */
class ShadowRulesTest {
    private static final ObjectMapper TABLE = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES)
            .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES)
            .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
            .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();
    private static final Instant NOW = Instant.ofEpochSecond(1000, 999_000_000);
    private static final ShadowDecider DECIDER = new ShadowDecider(ShadowLimits.AWS);
    private static final ShadowRequestReader READER = new ShadowRequestReader(ShadowLimits.AWS);

    static Stream<Named<JsonNode>> rules() throws IOException {
        try (InputStream table = ShadowRulesTest.class.getResourceAsStream("rules.json5")) {
            return StreamSupport.stream(TABLE.readTree(table).spliterator(), false)
                    .map(rule -> Named.of(
                            rule.get("source").textValue() + ": "
                                    + rule.get("rule").textValue(),
                            rule));
        }
    }

    @ParameterizedTest
    @MethodSource("rules")
    void followsTheRule(JsonNode rule) throws IOException {
        StoredShadow before = given(rule.path("given"));
        JsonNode body = rule.path("body");
        String sent = rule.has("text") ? rule.get("text").textValue() : body.isMissingNode() ? "" : body.toString();

        ShadowDecision decision = decide(before, rule.get("ask").textValue(), sent);

        switch (decision) {
            case ShadowDecision.Refused refused -> {
                JsonNode expected = rule.path("refused");
                ObjectNode told = refused.refusal().body(NOW);
                assertThat(told.get("code")).isEqualTo(expected.get(0));
                assertThat(told.get("message")).isEqualTo(expected.get(1));
                assertThat(told.get("clientToken")).isEqualTo(expected.get(2));
                assertThat(told.get("timestamp").longValue()).isEqualTo(1000);
                assertThen(rule.get("then"), before);
            }
            case ShadowDecision.Done done -> {
                ObjectNode expected = rule.withObject("answer").deepCopy().put("timestamp", 1000);
                assertThat(TABLE.readTree(done.answer().toString()))
                        .describedAs("answer")
                        .isEqualTo(expected);
                assertThen(rule.get("then"), done.shadow());
                assertNews(rule, before, done);
            }
        }
    }

    private static ShadowDecision decide(StoredShadow before, String operation, String sent) {
        return switch (READER.read(
                ShadowTopic.Operation.valueOf(operation.toUpperCase(Locale.ROOT)),
                sent.getBytes(StandardCharsets.UTF_8))) {
            case ShadowRequestReader.Reading.Refused refused -> new ShadowDecision.Refused(refused.refusal());
            case ShadowRequestReader.Reading.Read read -> DECIDER.decide(before, read.request(), "pump", 0, NOW);
        };
    }

    private static StoredShadow given(JsonNode given) {
        if (given.isMissingNode()) {
            return new StoredShadow.Absent();
        }
        if (given.has("deleted")) {
            return new StoredShadow.Deleted(
                    given.get("deleted").get("version").longValue(),
                    NOW.minus(Duration.ofHours(
                            given.get("deleted").get("hoursAgo").longValue())));
        }
        return new StoredShadow.Present(new ShadowDocument(
                section(given.get("desired")),
                section(given.get("reported")),
                given.get("version").longValue()));
    }

    private static Section section(@Nullable JsonNode state) {
        return state == null
                ? Section.EMPTY
                : new Section((ObjectNode) state, (ObjectNode) ShadowJson.stamps(state, 500));
    }

    private static void assertThen(JsonNode then, StoredShadow after) {
        if (then.has("gone")) {
            assertThat(after).isNotInstanceOf(StoredShadow.Present.class);
            return;
        }
        ShadowDocument document = after.content();
        assertThat((JsonNode) document.desired().state()).describedAs("desired").isEqualTo(then.get("desired"));
        assertThat((JsonNode) document.reported().state())
                .describedAs("reported")
                .isEqualTo(then.get("reported"));
        assertThat(document.version())
                .describedAs("version")
                .isEqualTo(then.get("version").longValue());
        assertStamped(document.desired());
        assertStamped(document.reported());
    }

    /** Each value has its stamp, and nothing else has. */
    private static void assertStamped(Section section) {
        if (section.state() == null) {
            assertThat(section.metadata()).isNull();
        } else {
            String form = ShadowJson.stamps(section.state(), 0).toString();
            assertThat(String.valueOf(section.metadata()).replaceAll("(timestamp\":)(500|1000)", "$10"))
                    .isEqualTo(form);
        }
    }

    private static void assertNews(JsonNode rule, StoredShadow before, ShadowDecision.Done done) {
        if (!rule.get("ask").textValue().equals("update")) {
            assertThat(done.news()).isEmpty();
            return;
        }
        Optional<News> delta = done.news().stream()
                .filter(news -> news.topic().equals("update/delta"))
                .findFirst();
        assertThat(delta.map(news -> news.body().get("state")).orElse(null))
                .describedAs("delta")
                .isEqualTo(rule.get("delta"));
        JsonNode token = done.answer().get("clientToken");
        assertThat(done.news()).allSatisfy(news -> {
            assertThat(news.body().get("clientToken")).isEqualTo(token);
            assertThat(news.body().get("timestamp").longValue()).isEqualTo(1000);
        });
        delta.ifPresent(news -> {
            assertThat(news.body().get("version")).isEqualTo(done.answer().get("version"));
            assertThat(news.body().get("metadata").toString().replaceAll("(timestamp\":)(500|1000)", "$10"))
                    .isEqualTo(ShadowJson.stamps(rule.get("delta"), 0).toString());
        });
        News documents = done.news().getLast();
        assertThat(documents.topic()).isEqualTo("update/documents");
        assertThat(documents.body().get("previous").get("version").longValue())
                .isEqualTo(before.content().version());
        assertThat((JsonNode) documents.body().get("previous").get("state"))
                .isEqualTo(before.content().state());
        assertThat((JsonNode) documents.body().get("current").get("state"))
                .isEqualTo(done.shadow().content().state());
        assertThat((JsonNode) documents.body().get("current").get("metadata"))
                .isEqualTo(done.shadow().content().metadata());
        assertThat(documents.body().get("current").get("version"))
                .isEqualTo(done.answer().get("version"));
    }

    @ParameterizedTest
    @ValueSource(ints = {8192, 8193})
    void holdsEightKilobytesOfStateAndNoMore(int bytes) {
        int around = "{\"reported\":{\"text\":\"\"}}".length();
        ShadowDecision decision = decide(
                new StoredShadow.Absent(),
                "update",
                "{\"state\": {\"reported\": {\"text\": \"" + "x".repeat(bytes - around) + "\"}}}");

        assertThat(decision instanceof ShadowDecision.Done).isEqualTo(bytes == 8192);
        if (decision instanceof ShadowDecision.Refused refused) {
            assertThat(refused.refusal().body(NOW).toString())
                    .contains("413", "The payload exceeds the maximum size allowed");
        }
    }

    @Test
    void countsWhatTheShadowHasAlready() {
        StoredShadow large = ((ShadowDecision.Done) decide(
                        new StoredShadow.Absent(),
                        "update",
                        "{\"state\":{\"desired\":{\"text\":\"" + "é".repeat(2040) + "\"}}}"))
                .shadow();

        assertThat(decide(large, "update", "{\"state\":{\"reported\":{\"text\":\"" + "é".repeat(2040) + "\"}}}"))
                .isInstanceOfSatisfying(
                        ShadowDecision.Refused.class,
                        refused -> assertThat(refused.refusal().code()).isEqualTo(413));
        assertThat(decide(large, "update", "{\"state\":{\"reported\":{\"text\":\"small\"}}}"))
                .isInstanceOf(ShadowDecision.Done.class);
    }

    @Test
    void readsNoRequestThatIsTooLargeToRead() {
        assertThat(decide(new StoredShadow.Absent(), "get", " ".repeat(ShadowLimits.AWS.requestBytes() + 1)))
                .isInstanceOfSatisfying(
                        ShadowDecision.Refused.class,
                        refused -> assertThat(refused.refusal().code()).isEqualTo(413));
    }

    @Test
    void readsUtf8Only() {
        byte[] latin = "{\"state\":{\"reported\":{\"a\":\"é\"}}}".getBytes(StandardCharsets.ISO_8859_1);

        assertThat(READER.read(ShadowTopic.Operation.UPDATE, latin))
                .isEqualTo(new ShadowRequestReader.Reading.Refused(
                        ShadowRefusal.of(415, "Unsupported documented encoding; supported encoding is UTF-8")));
    }

    @Test
    void readsWhatIsNestedWithoutEnd() {
        assertThat(decide(new StoredShadow.Absent(), "update", "{\"state\":{\"desired\":" + "[".repeat(50_000)))
                .isInstanceOfSatisfying(
                        ShadowDecision.Refused.class,
                        refused -> assertThat(refused.refusal().message()).isEqualTo("Invalid JSON"));
    }

    @Test
    void aDeviceHasNotMoreNamedShadowsThanItMay() {
        ShadowRequest update = ((ShadowRequestReader.Reading.Read)
                        READER.read(ShadowTopic.Operation.UPDATE, "{\"state\":{}}".getBytes(StandardCharsets.UTF_8)))
                .request();

        assertThat(DECIDER.decide(new StoredShadow.Absent(), update, "n", 99, NOW))
                .isInstanceOf(ShadowDecision.Done.class);
        assertThat(DECIDER.decide(new StoredShadow.Absent(), update, "n", 100, NOW))
                .isInstanceOfSatisfying(
                        ShadowDecision.Refused.class,
                        refused -> assertThat(refused.refusal().code()).isEqualTo(422));
        assertThat(DECIDER.decide(new StoredShadow.Present(ShadowDocument.NONE), update, "n", 100, NOW))
                .isInstanceOf(ShadowDecision.Done.class);
    }

    @Test
    void theTableIsRead() throws IOException {
        assertThat(rules().count()).isGreaterThan(60);
        List<String> names = rules().map(Named::getName).toList();
        assertThat(IntStream.range(0, names.size()).mapToObj(names::get).distinct())
                .hasSameSizeAs(names);
    }
}
