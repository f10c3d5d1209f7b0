package io.mooring.contracts.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.contracts.clock.HybridTimestamp;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
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

class RowStateTest {
    private static final Comparator<String> ORDER = Comparator.naturalOrder();

    @Property
    void mergingIsCommutative(@ForAll("states") RowState<String> a, @ForAll("states") RowState<String> b) {
        assertThat(a.mergedWith(b, ORDER)).isEqualTo(b.mergedWith(a, ORDER));
    }

    @Test
    void whatWasWrittenAfterARemovalIsThereThoughNeitherTimeIsBelieved() {
        HybridTimestamp far = new HybridTimestamp(1_000_000_000L, 0, "D");
        HybridTimestamp arrival = new HybridTimestamp(1_000L, 2, "D");
        HybridTimestamp others = new HybridTimestamp(1_000L, 0, "cloud");
        RowClock written = new RowClock(null, far, new TreeMap<>(Map.of("a", far.next("D"))));

        RowClock believed = written.believed(arrival.millis(), written.instead(arrival));

        assertThat(believed.isLive()).isTrue();
        assertThat(believed.of("a")).isEqualTo(arrival);
        assertThat(RowClock.removal(far).believed(1_000, arrival)).isEqualTo(RowClock.removal(arrival));
        assertThat(RowClock.whole(others).believed(1_000, arrival)).isEqualTo(RowClock.whole(others));
        assertThat(RowClock.whole(arrival.next("D")).believed(1_000, arrival))
                .isEqualTo(RowClock.whole(arrival.next("D")));
    }

    @Test
    void whatWasWrittenLastStaysLastWhereOnlyTheEarlierTimeIsBelieved() {
        HybridTimestamp far = new HybridTimestamp(1_000_000_000L, 0, "D");
        HybridTimestamp minutes = new HybridTimestamp(200_000L, 7, "D");
        HybridTimestamp arrival = new HybridTimestamp(1_000L, 2, "D");
        RowClock written = new RowClock(minutes, null, new TreeMap<>(Map.of("a", far)));

        RowClock believed = written.believed(arrival.millis(), written.instead(arrival));

        assertThat(believed.base()).isEqualTo(minutes);
        assertThat(believed.of("a")).isEqualTo(minutes.next("D"));
    }

    @Property
    void mergingIsAssociative(
            @ForAll("states") RowState<String> a,
            @ForAll("states") RowState<String> b,
            @ForAll("states") RowState<String> c) {
        assertThat(a.mergedWith(b, ORDER).mergedWith(c, ORDER)).isEqualTo(a.mergedWith(b.mergedWith(c, ORDER), ORDER));
    }

    @Property
    void mergingIsIdempotent(@ForAll("states") RowState<String> a, @ForAll("states") RowState<String> b) {
        RowState<String> once = a.mergedWith(b, ORDER);

        assertThat(a.mergedWith(a, ORDER)).isEqualTo(a);
        assertThat(once.mergedWith(b, ORDER)).isEqualTo(once);
    }

    @Property
    void neitherOrderNorRepetitionMatters(@ForAll("histories") List<RowState<String>> changes, @ForAll Random random) {
        List<RowState<String>> again = new ArrayList<>(changes);
        changes.forEach(change -> {
            if (random.nextBoolean()) {
                again.add(change);
            }
        });
        Collections.shuffle(again, random);

        assertThat(merge(again)).isEqualTo(merge(changes));
    }

    @Property
    void replicasThatHeardInPartsAgreeOnceTheyHaveAll(
            @ForAll("histories") List<RowState<String>> changes, @ForAll Random random) {
        List<RowState<String>> replicas =
                new ArrayList<>(List.of(RowState.absent(), RowState.absent(), RowState.absent()));
        changes.forEach(change -> {
            int first = random.nextInt(replicas.size());
            replicas.set(first, replicas.get(first).mergedWith(change, ORDER));
        });
        RowState<String> oneWay = RowState.absent();
        RowState<String> otherWay = RowState.absent();
        for (int i = 0; i < replicas.size(); i++) {
            oneWay = oneWay.mergedWith(replicas.get(i), ORDER);
            otherWay = replicas.get(replicas.size() - 1 - i).mergedWith(otherWay, ORDER);
        }

        assertThat(oneWay).isEqualTo(merge(changes));
        assertThat(otherWay).isEqualTo(merge(changes));
    }

    /** docs/sync.md, "The rule", said in the plainest way there is. */
    @Property
    void forEachFieldTheWriteWithTheLatestClockStands(@ForAll("histories") List<RowState<String>> changes) {
        RowState<String> merged = merge(changes);

        HybridTimestamp removed = changes.stream()
                .map(change -> change.clock().removed())
                .filter(Objects::nonNull)
                .max(Comparator.naturalOrder())
                .orElse(null);
        boolean live = false;
        for (String field : List.of("x", "y", "z")) {
            HybridTimestamp latest = changes.stream()
                    .map(change -> change.clock().of(field))
                    .filter(Objects::nonNull)
                    .max(Comparator.naturalOrder())
                    .orElse(null);
            boolean stands = latest != null && (removed == null || latest.compareTo(removed) > 0);
            live |= stands;
            String value = changes.stream()
                    .filter(change ->
                            stands && Objects.equals(latest, change.clock().of(field)))
                    .map(change -> change.values().get(field))
                    .filter(Objects::nonNull)
                    .max(ORDER)
                    .orElse(null);
            assertThat(merged.values().get(field)).isEqualTo(value);
            assertThat(merged.clock().of(field)).isEqualTo(stands ? latest : null);
        }
        assertThat(merged.clock().isLive()).isEqualTo(live);
        assertThat(merged.clock().removed()).isEqualTo(removed);
    }

    @Property
    void whatDoesNotPrevailDiffersFromWhatStands(
            @ForAll("states") RowState<String> standing, @ForAll("changes") RowState<String> change) {
        RowState<String> merged = standing.mergedWith(change, ORDER);
        if (change.prevailsIn(merged)) {
            change.values()
                    .forEach((field, value) -> assertThat(merged.values()).containsEntry(field, value));
            assertThat(merged.clock().isLive()).isEqualTo(change.clock().isLive());
        } else {
            assertThat(merged).isNotEqualTo(change);
        }
    }

    @Test
    void writersOfDifferentFieldsLoseNothing() {
        RowState<String> row = new RowState<>(RowClock.whole(at(1)), values("x", "1", "y", "1"));

        RowState<String> merged =
                row.mergedWith(fields(at(2, "A"), "x", "2"), ORDER).mergedWith(fields(at(3, "B"), "y", "3"), ORDER);

        assertThat(merged.values()).isEqualTo(values("x", "2", "y", "3"));
    }

    @Test
    void removalBeatsEarlierWritesAndLosesToLaterOnes() {
        RowState<String> row = new RowState<>(RowClock.whole(at(1)), values("x", "1", "y", "1"));
        RowState<String> removed = row.mergedWith(RowState.removed(at(5)), ORDER);

        assertThat(removed.clock().isLive()).isFalse();
        assertThat(removed.mergedWith(fields(at(4), "x", "4"), ORDER)).isEqualTo(removed);
        assertThat(removed.mergedWith(fields(at(6), "x", "6"), ORDER).values()).isEqualTo(values("x", "6"));
    }

    @Test
    void fieldsSetToNullStayNull() {
        RowState<String> row = new RowState<>(RowClock.whole(at(1)), values("x", "1"));
        RowState<String> cleared = new RowState<>(RowClock.of(Map.of("x", at(2))), values());

        assertThat(row.mergedWith(cleared, ORDER).values()).isEmpty();
    }

    @Test
    void clocksKeepTheirTextForm() {
        RowClock clock = new RowClock(at(2), at(1), new TreeMap<>(Map.of("x", at(3))));

        assertThat(RowClock.parse(clock.texts())).isEqualTo(clock);
        assertThat(clock.latest()).isEqualTo(at(3));
    }

    @Provide
    static Arbitrary<RowState<String>> states() {
        return changes().list().ofMaxSize(4).map(RowStateTest::merge);
    }

    @Provide
    static Arbitrary<List<RowState<String>>> histories() {
        return changes().list().ofMaxSize(8);
    }

    @Provide
    static Arbitrary<RowState<String>> changes() {
        Arbitrary<HybridTimestamp> clocks = Combinators.combine(
                        Arbitraries.longs().between(1, 6),
                        Arbitraries.integers().between(0, 1),
                        Arbitraries.of("A", "B"))
                .as(HybridTimestamp::new);
        Arbitrary<TreeMap<String, String>> values = Arbitraries.maps(
                        Arbitraries.of("x", "y", "z"), Arbitraries.of("1", "2", "3"))
                .map(TreeMap::new);
        Arbitrary<RowState<String>> whole = Combinators.combine(clocks, values)
                .as((clock, fields) -> new RowState<>(RowClock.whole(clock), fields));
        Arbitrary<RowState<String>> some = Combinators.combine(
                        Arbitraries.maps(Arbitraries.of("x", "y", "z"), clocks).ofMinSize(1), values)
                .as((fields, held) -> new RowState<>(RowClock.of(fields), held));
        Arbitrary<RowState<String>> removal = clocks.map(RowState::removed);
        return Arbitraries.oneOf(whole, some, removal);
    }

    private static RowState<String> merge(List<RowState<String>> changes) {
        RowState<String> state = RowState.absent();
        for (RowState<String> change : changes) {
            state = state.mergedWith(change, ORDER);
        }
        return state;
    }

    private static RowState<String> fields(HybridTimestamp at, String field, String value) {
        return new RowState<>(RowClock.of(Map.of(field, at)), values(field, value));
    }

    private static TreeMap<String, String> values(String... namesAndValues) {
        TreeMap<String, String> values = new TreeMap<>(Collections.emptyMap());
        for (int i = 0; i < namesAndValues.length; i += 2) {
            values.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return values;
    }

    private static HybridTimestamp at(long millis) {
        return at(millis, "A");
    }

    private static HybridTimestamp at(long millis, String writer) {
        return new HybridTimestamp(millis, 0, writer);
    }
}
