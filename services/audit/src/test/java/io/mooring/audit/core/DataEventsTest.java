package io.mooring.audit.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mooring.contracts.audit.AuditRecord;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Data events are told as somebody asked for them. */
class DataEventsTest {
    private static final Instant AT = Instant.parse("2026-11-23T01:42:37.297Z");

    @ParameterizedTest
    @CsvSource({
        "row:main/sensor, a.b.row.main.sensor.v1, true",
        "row:main/sensor, a.b.row.main.sensors.v1, false",
        "row:main/sensor, aXb.row.main.sensor.v1, false",
        "row:*/sensor, a.b.row.other.sensor.v1, true",
        "row:main/*, a.b.row.other.sensor.v1, false",
        "row:*/*, a.b.row.other.sensor.v1.dlq, false",
        "message:app/#, a.b.application.uplink.v1, true",
        "message:app/#, a.b.application.downlink.v1, true",
        "message:app/#, a.b.application.request.v1, false"
    })
    void readsTheTopicsThatHaveThem(String selector, String topic, boolean isRead) {
        assertThat(DataSelector.of(selector).topics("a.b").stream()
                        .anyMatch(pattern -> Pattern.matches(pattern, topic)))
                .isEqualTo(isRead);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "row",
                "row:",
                "row:main",
                "row:main/",
                "row:a.b/c",
                "row:a/b/c",
                "message:",
                "message:app/x#",
                "message:x/#",
                "rows:*/*"
            })
    void saysWhatASelectorIs(String text) {
        assertThatThrownBy(() -> DataSelector.of(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("say row:CLOUD/TABLE")
                .hasMessageContaining("message:app/FILTER");
    }

    @Test
    void saysWhoWroteWhichRowAndNotWhatIsInIt() {
        AuditRecord told = told("row:main/sensor", changed("2026-11-23T01:42:37.297Z-0000-DEVICE0001"))
                .orElseThrow();

        assertThat(told.action()).isEqualTo("WriteRow");
        assertThat(told.caller().type()).isEqualTo("Device");
        assertThat(told.caller().name()).isEqualTo("DEVICE0001");
        assertThat(told.category()).isEqualTo(AuditRecord.Category.DATA);
        assertThat(told.at()).isEqualTo(AT);
        assertThat(told.parameters().toString())
                .isEqualTo("{cloud=main, device=DEVICE0001, row=DEVICE0001/sensor#1, table=sensor}");
        assertThat(told.toString()).doesNotContain("private");
    }

    @Test
    void saysThatSqlWroteARowAndNothingOfWhoRemovedOne() {
        assertThat(told("row:*/*", changed("2026-11-23T01:42:37.297Z-0000-cloud"))
                        .orElseThrow()
                        .caller()
                        .name())
                .isEqualTo("sql");
        assertThat(told("row:*/*", changed("broken")).orElseThrow().caller().type())
                .isEqualTo("Unknown");
        AuditRecord removed =
                told("row:*/*", row("io.mooring.row.removed", "c-1", null)).orElseThrow();
        assertThat(removed.action()).isEqualTo("RemoveRow");
        assertThat(removed.caller().type()).isEqualTo("Unknown");
    }

    @Test
    void tellsNothingThatNobodyAskedForOrThatNobodyDid() {
        assertThat(told("row:main/valve", changed("x"))).isEmpty();
        assertThat(told("row:other/*", changed("x"))).isEmpty();
        assertThat(told("message:app/#", changed("x"))).isEmpty();
        assertThat(told("row:*/*", row("io.mooring.row.changed", "as-found-1", new byte[0])))
                .isEmpty();
    }

    @Test
    void saysWhoPublishedWhere() {
        AuditRecord up = told(
                        "message:app/+/door/#",
                        message(
                                "io.mooring.application.uplink",
                                Map.of("ce_subject", "door/front", "ce_account", "acme")))
                .orElseThrow();
        assertThat(up.parameters().toString())
                .isEqualTo("{bytes=4, cloud=main, device=DEVICE0001, topic=app/DEVICE0001/door/front}");
        assertThat(up.caller().account()).isEqualTo("acme");
        AuditRecord down = told(
                        "message:app/+/door/#",
                        message(
                                "io.mooring.application.downlink",
                                Map.of("ce_topic", "door/front", "ce_application", "APP1")))
                .orElseThrow();
        assertThat(down.caller().type()).isEqualTo("Application");
        assertThat(down.caller().name()).isEqualTo("APP1");
        assertThat(told("message:app/+/door/#", message("io.mooring.application.uplink", Map.of("ce_subject", "oven"))))
                .isEmpty();
    }

    private static Optional<AuditRecord> told(String selector, DataEvents.Seen seen) {
        return new DataEvents(List.of(DataSelector.of(selector))).of(seen);
    }

    private static DataEvents.Seen changed(String clock) {
        String value = "{\"sk\":\"sensor#1\",\"clock\":\"" + clock + "\",\"name\":\"private\"}";
        return row("io.mooring.row.changed", "c-1", value.getBytes(StandardCharsets.UTF_8));
    }

    private static DataEvents.Seen row(String type, String id, byte @Nullable [] value) {
        return new DataEvents.Seen(
                "mooring.row.main.sensor.v1",
                "DEVICE0001/sensor#1",
                Map.of(
                        "ce_type",
                        type,
                        "ce_id",
                        id,
                        "ce_cloud",
                        "main",
                        "ce_subject",
                        "device/DEVICE0001",
                        "ce_time",
                        AT.toString()),
                value,
                AT.plusSeconds(1),
                "mooring.row.main.sensor.v1/0/7");
    }

    private static DataEvents.Seen message(String type, Map<String, String> more) {
        Map<String, String> headers = new HashMap<>(more);
        headers.put("ce_type", type);
        headers.put("ce_cloud", "main");
        return new DataEvents.Seen("t", "DEVICE0001", headers, new byte[4], AT, "t/0/7");
    }
}
