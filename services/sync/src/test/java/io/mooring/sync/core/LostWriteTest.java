package io.mooring.sync.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.sync.RowClock;
import io.mooring.contracts.sync.RowState;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LostWriteTest {
    private static final String DEVICE = "DEVICE0001";
    private static final TableLayout THING =
            Objects.requireNonNull(Schemas.ofThings().layout("Thing"));
    private static final RowKey KEY = new RowKey("Thing", DEVICE, "thing#1");

    @Test
    void keepsFieldsThatSomebodyElseWroteLater() {
        IncomingChange change = change(Map.of("label", at(10, DEVICE), "limit", at(10, DEVICE)), "label", "mine");
        RowState<Value> standing =
                state(Map.of("label", at(20, "cloud"), "limit", at(10, DEVICE)), Map.of("label", "theirs"));

        Optional<LostWrite> lost = LostWrite.of(change, standing, LostWrite.LATER_WRITE);

        assertThat(lost).isPresent();
        assertThat(lost.get().fields()).containsOnlyKeys("label");
        assertThat(lost.get().fieldsJson()).isEqualTo("""
                {"label":{"lost":"mine","at":"1970-01-01T00:00:00.010Z-0000-DEVICE0001",\
                "standing":"theirs","standingAt":"1970-01-01T00:00:00.020Z-0000-cloud"}}""");
    }

    @Test
    void keepsNothingWhereTheDeviceItselfWroteLater() {
        IncomingChange change = change(Map.of("label", at(10, DEVICE)), "label", "old");
        RowState<Value> standing = state(Map.of("label", at(20, DEVICE)), Map.of("label", "new"));

        assertThat(LostWrite.of(change, standing, LostWrite.LATER_WRITE)).isEmpty();
    }

    @Test
    void keepsNothingWhereBothSayTheSame() {
        IncomingChange change = change(Map.of("label", at(10, DEVICE)), "label", "same");
        RowState<Value> standing = state(Map.of("label", at(20, "cloud")), Map.of("label", "same"));

        assertThat(LostWrite.of(change, standing, LostWrite.LATER_WRITE)).isEmpty();
    }

    @Test
    void keepsWhatWasWrittenToARowRemovedLater() {
        IncomingChange change = change(Map.of("label", at(10, DEVICE)), "label", "mine");

        LostWrite lost = LostWrite.of(change, RowState.removed(at(20, "cloud")), LostWrite.LATER_WRITE)
                .orElseThrow();

        LostWrite.Field label = Objects.requireNonNull(lost.fields().get("label"));
        assertThat(label.standing()).isNull();
        assertThat(label.standingAt()).isEqualTo(at(20, "cloud"));
    }

    @Test
    void keepsARemovalThatCameTooLate() {
        Row removal = new Row(KEY, null, RowState.removed(at(10, DEVICE)));
        RowState<Value> standing = state(Map.of("label", at(20, "cloud")), Map.of("label", "there"));

        LostWrite lost = LostWrite.of(
                        new IncomingChange("thing#1", removal, THING, null, null), standing, LostWrite.LATER_WRITE)
                .orElseThrow();

        assertThat(lost.fields()).containsOnlyKeys("-");
    }

    @Test
    void leavesOutValuesThatAreTooLong() {
        String text = "x".repeat(LostWrite.MAX_VALUE + 1);
        SentChange sent = new SentChange(
                "thing#1", "update", Map.of("_type", Value.text("Thing"), "label", Value.text(text)), 9000, null, null);

        LostWrite lost = LostWrite.refused(DEVICE, sent, "not-allowed");

        assertThat(lost.fieldsJson()).isEqualTo("{\"label\":{\"lostSize\":4097,\"standing\":null}}");
        assertThat(lost.reason()).isEqualTo("not-allowed");
    }

    private static IncomingChange change(Map<String, HybridTimestamp> clocks, String field, String value) {
        return new IncomingChange(
                "thing#1", new Row(KEY, null, state(clocks, Map.of(field, value))), THING, null, null);
    }

    private static RowState<Value> state(Map<String, HybridTimestamp> clocks, Map<String, String> texts) {
        TreeMap<String, Value> values = new TreeMap<>();
        texts.forEach((field, text) -> values.put(field, Value.text(text)));
        return new RowState<>(RowClock.of(clocks), values);
    }

    private static HybridTimestamp at(long millis, String writer) {
        return new HybridTimestamp(millis, 0, writer);
    }
}
