package io.mooring.sync.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.contracts.clock.HybridTimestamp;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChangeReaderTest {
    private static final String NOON = "2026-11-23T12:00:00.000Z";
    private static final long RECEIVED = HybridTimestamp.parse(NOON + "-0000-x").millis() + 1000;

    private final ChangeReader reader =
            new ChangeReader(Schemas.ofThings(), new ChangeReader.Sender("DEV1", "acct"), RECEIVED);

    private static SentChange change(String command, String sk, Map<String, String> texts) {
        return change(command, sk, texts, null, null);
    }

    private static SentChange change(
            String command,
            String sk,
            Map<String, String> texts,
            @Nullable String clock,
            @Nullable Map<String, String> fields) {
        Map<String, @Nullable Value> item = new HashMap<>();
        item.put("_type", Value.text("Thing"));
        item.put("sk", Value.text(sk));
        item.put("updated", Value.text(NOON));
        texts.forEach((name, text) -> item.put(name, text.isEmpty() ? null : Value.text(text)));
        return new SentChange(sk, command, item, 100, clock, fields);
    }

    private IncomingChange accepted(SentChange change) {
        return ((ChangeReader.Accepted) reader.read(change, 0)).change();
    }

    private Refusal refused(SentChange change) {
        return ((ChangeReader.Refused) reader.read(change, 0)).refusal();
    }

    @Test
    void takesACreateAsAWriteOfTheWholeRow() {
        IncomingChange change = accepted(change("create", "thing#a", Map.of("id", "a", "extra", "e")));

        assertThat(change.key()).isEqualTo(new RowKey("Thing", "DEV1", "thing#a"));
        assertThat(change.state().clock().texts()).containsExactly(Map.entry("*", NOON + "-0000-DEV1"));
        assertThat(change.state().values()).containsOnlyKeys("extra", "id");
        assertThat(change.row().accountId()).isEqualTo("acct");
    }

    @Test
    void takesAnUpdateAsAWriteOfTheFieldsItHas() {
        IncomingChange change = accepted(change("update", "thing#a", Map.of("mode", "on", "bag", "")));

        assertThat(change.state().clock().fields()).containsOnlyKeys("bag", "id", "mode");
        assertThat(change.state().values())
                .as("null, and the key's field read back from the key")
                .containsOnlyKeys("id", "mode");
    }

    @Test
    void takesNoFieldFromWhatIsToldBesideThem() {
        IncomingChange change = accepted(change(
                "update", "thing#a", Map.of("mode", "on", "clock", NOON + "-0000-cloud", "fields", "as it was told")));

        assertThat(change.state().values()).containsOnlyKeys("id", "mode");
        assertThat(change.state().clock().fields()).containsOnlyKeys("id", "mode");
    }

    @Test
    void takesTheClocksOfDevicesThatHaveThem() {
        String clock = "2026-11-23T11:00:00.000Z-0003-DEV1";
        IncomingChange change =
                accepted(change("update", "thing#a", Map.of("mode", "on"), clock, Map.of("mode", clock)));

        assertThat(change.state().clock().texts()).isEqualTo(Map.of("id", clock, "mode", clock));
        assertThat(change.claimed()).isNull();
    }

    @Test
    void takesARemoval() {
        IncomingChange change = accepted(change("remove", "thing#a", Map.of("id", "a")));

        assertThat(change.state().clock().texts()).containsExactly(Map.entry("-", NOON + "-0000-DEV1"));
        assertThat(change.state().values()).isEmpty();
    }

    @Test
    void boundsWhatClaimsToBeFarAhead() {
        IncomingChange change = accepted(change("create", "thing#a", Map.of("updated", "2099-01-01T00:00:00.000Z")));

        assertThat(change.bound().millis()).isEqualTo(RECEIVED);
        assertThat(change.claimed()).extracting(HybridTimestamp::isoMillis).isEqualTo("2099-01-01T00:00:00.000Z");
    }

    @Test
    void believesOfAChangeWhatIsNotTooFarAhead() {
        String minutes = "2026-11-23T12:04:00.000Z-0007-DEV1";
        String years = "2028-11-23T12:00:00.000Z-0000-DEV1";
        IncomingChange change = accepted(change(
                "update", "thing#a", Map.of("mode", "on", "bag", "b"), years, Map.of("mode", minutes, "bag", years)));

        assertThat(change.state().clock().of("mode")).hasToString(minutes);
        assertThat(change.state().clock().of("bag"))
                .as("the write after it stays after it")
                .hasToString("2026-11-23T12:04:00.000Z-0008-DEV1")
                .isEqualTo(change.instead());
        assertThat(change.claimed()).hasToString(years);
    }

    @Test
    void aRowWrittenAfterItsRemovalIsThereThoughNeitherTimeIsBelieved() {
        String removed = "2028-11-23T12:00:00.000Z-0000-DEV1";
        String written = "2028-11-23T12:00:00.000Z-0001-DEV1";
        IncomingChange change = accepted(
                change("update", "thing#a", Map.of("mode", "on"), written, Map.of("-", removed, "mode", written)));

        assertThat(change.state().clock().isLive()).isTrue();
        assertThat(change.state().values()).containsKey("mode");
    }

    @Test
    void takesTheTimeOfArrivalWhereTheDeviceGivesNone() {
        assertThat(accepted(change("create", "thing#a", Map.of("updated", "yesterday")))
                        .bound()
                        .millis())
                .isEqualTo(RECEIVED);
    }

    @ParameterizedTest
    @CsvSource({
        "deviceId, DEV2, foreign-row",
        "accountId, other, foreign-row",
        "pk, thing#DEV2, foreign-row",
        "id, b, key-mismatch",
        "_type, Nothing, unknown-model",
        "_type, SyncState, not-synchronised",
        "*, x, bad-field-name",
    })
    void refusesWhatADeviceMayNotWrite(String field, String text, String code) {
        assertThat(refused(change("create", "thing#a", Map.of(field, text))).code())
                .isEqualTo(code);
    }

    @Test
    void refusesKeysThatNameAnotherOwner() {
        SentChange shared = change("create", "shared#other#1", Map.of("_type", "Shared"));

        assertThat(refused(shared).code()).isEqualTo("foreign-row");
        assertThat(refused(change("create", "nothing-like-it", Map.of())).code())
                .isEqualTo("key-mismatch");
        assertThat(refused(change("create", "thing#" + "a".repeat(1000), Map.of()))
                        .code())
                .isEqualTo("bad-key");
    }

    @Test
    void refusesClocksOfOthers() {
        String theirs = "2026-11-23T11:00:00.000Z-0000-cloud";

        assertThat(refused(change("update", "thing#a", Map.of(), theirs, null)).code())
                .isEqualTo("foreign-clock");
        assertThat(refused(change("update", "thing#a", Map.of(), "noon", null)).code())
                .isEqualTo("bad-clock");
    }

    @Test
    void refusesWhatIsTooLarge() {
        SentChange small = change("create", "thing#a", Map.of());
        SentChange large = new SentChange(small.key(), small.command(), small.item(), 300_000, null, null);

        assertThat(refused(large).code()).isEqualTo("row-too-large");
        assertThat(refused(change("replace", "thing#a", Map.of())).code()).isEqualTo("unknown-command");
    }

    @Test
    void readsTheFieldsOfAKeyWithTheirTypes() {
        IncomingChange change = accepted(change("update", "told#7", Map.of("_type", "Told", "text", "x")));

        assertThat(change.state().values().get("n")).isEqualTo(FieldValues.number(7));
    }
}
