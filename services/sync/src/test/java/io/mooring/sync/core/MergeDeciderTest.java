package io.mooring.sync.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.sync.RowClock;
import io.mooring.contracts.sync.RowState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class MergeDeciderTest {
    private static final long NOW = 1_000_000;
    private static final RowKey KEY = new RowKey("Thing", "DEV1", "thing#a");
    private static final TableLayout THING =
            Objects.requireNonNull(Schemas.ofThings().layout("Thing"));
    private static final TableLayout TOLD =
            Objects.requireNonNull(Schemas.ofThings().layout("Told"));

    private static HybridTimestamp at(long millis, String writer) {
        return new HybridTimestamp(millis, 0, writer);
    }

    private static RowState<Value> fields(HybridTimestamp at, Map<String, String> texts) {
        Map<String, HybridTimestamp> clocks = new TreeMap<>();
        Map<String, Value> values = new TreeMap<>();
        texts.forEach((field, text) -> {
            clocks.put(field, at);
            values.put(field, Value.text(text));
        });
        return new RowState<>(RowClock.of(clocks), new TreeMap<>(values));
    }

    private static IncomingChange change(TableLayout layout, RowState<Value> state) {
        return new IncomingChange(KEY.sk(), new Row(KEY, "acct", state), layout, null, null);
    }

    private static MergeDecider decider(Map<RowKey, Row> rows) {
        return new MergeDecider(rows, new UniqueValues(Map.of()), RowRulesTest.RULES, NOW);
    }

    private static MergeDecider holding(RowState<Value> state) {
        return decider(Map.of(KEY, new Row(KEY, "acct", state)));
    }

    private static Row written(MergeDecider decider) {
        return Objects.requireNonNull(decider.written().get(KEY));
    }

    @Test
    void letsALaterChangeStand() {
        MergeDecider decider = holding(fields(at(1, "cloud"), Map.of("mode", "on")));

        assertThat(decider.merge(change(THING, fields(at(2, "DEV1"), Map.of("mode", "off")))))
                .isInstanceOf(MergeDecider.Stands.class);
        assertThat(written(decider).state().values()).containsEntry("mode", Value.text("off"));
    }

    @Test
    void overrulesAnEarlierChangeAndWritesNothing() {
        MergeDecider decider = holding(fields(at(3, "cloud"), Map.of("mode", "on")));

        MergeDecider.Verdict verdict = decider.merge(change(THING, fields(at(2, "DEV1"), Map.of("mode", "off"))));

        assertThat(verdict)
                .isInstanceOfSatisfying(
                        MergeDecider.Overruled.class,
                        overruled -> assertThat(overruled.standing().state().values())
                                .containsEntry("mode", Value.text("on")));
        assertThat(decider.written()).isEmpty();
    }

    @Test
    void tellsADeviceWhenItsTimeWasNotBelieved() {
        MergeDecider decider = holding(fields(at(3, "cloud"), Map.of("mode", "on")));
        RowState<Value> bounded = fields(at(5, "DEV1"), Map.of("mode", "off"));

        MergeDecider.Verdict verdict = decider.merge(new IncomingChange(
                KEY.sk(), new Row(KEY, "acct", bounded), THING, at(NOW * 1_000, "DEV1"), at(5, "DEV1")));

        assertThat(verdict)
                .isInstanceOfSatisfying(
                        MergeDecider.Overruled.class,
                        overruled -> assertThat(
                                        overruled.standing().state().clock().of("mode"))
                                .isEqualTo(at(5, "DEV1")));
    }

    @Test
    void upholdsWhatOnlyTheCloudWritesAboveTheDevicesClock() {
        RowState<Value> standing = fields(at(3, "cloud"), Map.of("text", "by cloud"));
        MergeDecider decider = holding(standing);

        decider.merge(change(TOLD, fields(at(NOW + 5, "DEV1"), Map.of("text", "by device"))));

        Row written = written(decider);
        assertThat(written.state().values()).isEqualTo(standing.values());
        assertThat(written.state().clock().base()).isEqualTo(new HybridTimestamp(NOW + 5, 1, HybridTimestamp.CLOUD));
    }

    @Test
    void removesARowThatADeviceInventsWhereOnlyTheCloudWrites() {
        MergeDecider decider = decider(Map.of());

        decider.merge(change(TOLD, fields(at(5, "DEV1"), Map.of("text", "by device"))));

        assertThat(written(decider).state().clock().removed()).isEqualTo(at(NOW, HybridTimestamp.CLOUD));
    }

    @Test
    void declinesARowThatGrowsTooLarge() {
        MergeDecider decider = holding(fields(at(1, "cloud"), Map.of("a", "x".repeat(200_000))));

        MergeDecider.Verdict verdict =
                decider.merge(change(THING, fields(at(2, "DEV1"), Map.of("b", "x".repeat(100_000)))));

        assertThat(verdict).isInstanceOf(MergeDecider.Declined.class);
        assertThat(written(decider).state().values())
                .as("what was there, once more")
                .containsOnlyKeys("a");
    }

    @Provide
    Arbitrary<RowState<Value>> states() {
        Arbitrary<HybridTimestamp> clock = Combinators.combine(
                        Arbitraries.longs().between(1, 20), Arbitraries.of("DEV1", "cloud"))
                .as(MergeDeciderTest::at);
        Arbitrary<RowState<Value>> written = Combinators.combine(
                        clock,
                        Arbitraries.maps(Arbitraries.of("a", "b", "c"), Arbitraries.of("x", "y"))
                                .ofMinSize(1))
                .as(MergeDeciderTest::fields);
        return Arbitraries.oneOf(written, clock.map(RowState::removed));
    }

    /** Whatever order changes come in, and however often, the row is the same in the end. */
    @Property
    void comesToTheSameRowInWhateverOrder(
            @ForAll("states") RowState<Value> first,
            @ForAll("states") RowState<Value> second,
            @ForAll("states") RowState<Value> third,
            @ForAll Random random) {
        List<RowState<Value>> changes = new ArrayList<>(List.of(first, second, third));
        RowState<Value> forward = result(changes);
        changes.add(second);
        Collections.shuffle(changes, random);

        assertThat(result(changes)).isEqualTo(forward);
    }

    /** A change that is not overruled is what the row holds; one that is finds out what does. */
    @Property
    void tellsExactlyThoseWhoAreOverruled(
            @ForAll("states") RowState<Value> before, @ForAll("states") RowState<Value> state) {
        MergeDecider decider = holding(before);
        IncomingChange change = change(THING, state);

        MergeDecider.Verdict verdict = decider.merge(change);

        RowState<Value> merged = before.mergedWith(state, Value.ORDER);
        assertThat(verdict instanceof MergeDecider.Stands).isEqualTo(state.prevailsIn(merged));
        assertThat(decider.written().containsKey(KEY)).isEqualTo(!merged.equals(before));
    }

    private static RowState<Value> result(List<RowState<Value>> changes) {
        MergeDecider decider = decider(Map.of());
        changes.forEach(state -> decider.merge(change(THING, state)));
        return written(decider).state();
    }
}
