package io.mooring.sync.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.sync.RowClock;
import io.mooring.contracts.sync.RowState;
import io.mooring.sync.JsonCodec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowRulesTest {
    static final RowRules RULES = new RowRules(JsonCodec::plain, () -> "ULID", () -> "UUID");

    private static final long NOW = 1_000;
    private static final TableLayout RULE =
            Objects.requireNonNull(Schemas.compiled("""
                    Rule: {
                        sk: {type: 'string', value: 'rule#${id}'}, id: {type: 'string'},
                        name: {type: 'string', required: true, unique: true}, mode: {type: 'string', enum: ['on', 'off'], default: 'on'},
                        serial: {type: 'string', readonly: true}, ticket: {type: 'string', generate: 'ulid'},
                        limits: {type: 'object', schema: {high: {type: 'number', required: true}}},
                        tags: {type: 'array', items: 'string'},
                    }""", "Rule: {sync: 'both'}").layout("Rule"));

    private final Map<RowKey, Row> rows = new HashMap<>();

    private static RowKey key(String id) {
        return new RowKey("Rule", "DEV1", "rule#" + id);
    }

    private static HybridTimestamp at(long millis) {
        return new HybridTimestamp(millis, 0, "DEV1");
    }

    private static IncomingChange change(String id, RowState<Value> state) {
        return new IncomingChange("rule#" + id, new Row(key(id), "acct", state), RULE, null, null);
    }

    /** A whole row, from JSON5. */
    private static RowState<Value> whole(long millis, String json5) throws Exception {
        return new RowState<>(RowClock.whole(at(millis)), values(json5));
    }

    private static RowState<Value> patch(long millis, String json5) throws Exception {
        Map<String, HybridTimestamp> clocks = new TreeMap<>();
        JsonCodec.readJson5(json5).keySet().forEach(field -> clocks.put(field, at(millis)));
        return new RowState<>(RowClock.of(clocks), values(json5));
    }

    private static TreeMap<String, Value> values(String json5) throws Exception {
        TreeMap<String, Value> values = new TreeMap<>();
        JsonCodec.readJson5(json5).forEach((field, plain) -> {
            Value value = PlainValues.value(plain);
            if (value != null) {
                values.put(field, value);
            }
        });
        return values;
    }

    private MergeDecider decider() {
        Map<UniqueValues.Place, RowKey> holders = new HashMap<>();
        rows.values().forEach(row -> {
            Value name = row.state().values().get("name");
            if (name != null) {
                holders.put(new UniqueValues.Place("Rule", "name", "DEV1", name.text()), row.key());
            }
        });
        return new MergeDecider(rows, new UniqueValues(holders), RULES, NOW);
    }

    private MergeDecider.Verdict merge(String id, RowState<Value> state) {
        MergeDecider decider = decider();
        MergeDecider.Verdict verdict = decider.merge(change(id, state));
        rows.putAll(decider.written());
        return verdict;
    }

    private Row row(String id) {
        return Objects.requireNonNull(rows.get(key(id)));
    }

    private String refused(String id, RowState<Value> state) {
        return merge(id, state) instanceof MergeDecider.Declined declined
                ? declined.refusal().code()
                : "";
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{mode: 'on'} | required",
                "{name: 'b', mode: 'dim'} | not-allowed",
                "{name: 'b', limits: {}} | required",
                "{name: 'b', limits: {high: 'x'}} | wrong-type",
                "{name: 'b', limits: 7} | wrong-type",
                "{name: 'b', tags: ['x', 1]} | wrong-type",
                "{name: 'a'} | not-unique",
                "{name: 7} | wrong-type",
            })
    void refusesWhatBreaksARule(String json5, String code) throws Exception {
        merge("a", whole(1, "{id: 'a', name: 'a'}"));

        assertThat(refused("b", whole(2, json5))).isEqualTo(code);
        assertThat(row("b").state().clock().removed())
                .as("what stands: no such row, from now on")
                .isEqualTo(new HybridTimestamp(NOW, 0, HybridTimestamp.CLOUD));
    }

    @Test
    void upholdsTheRowThatARefusedChangeWouldHaveAltered() throws Exception {
        merge("a", whole(1, "{id: 'a', name: 'a', serial: 's1'}"));

        MergeDecider.Verdict verdict = merge("a", patch(2, "{serial: 's2', name: 'b'}"));

        assertThat(verdict).isInstanceOfSatisfying(MergeDecider.Declined.class, declined -> {
            assertThat(declined.refusal().code()).isEqualTo("readonly");
            Row standing = Objects.requireNonNull(declined.standing());
            assertThat(standing.state().values())
                    .containsEntry("serial", Value.text("s1"))
                    .containsEntry("name", Value.text("a"));
            assertThat(standing.state().clock().base()).isGreaterThan(at(2));
        });
        assertThat(refused("a", patch(2, "{serial: 's2', name: 'b'}")))
                .as("come once more, it is only late")
                .isEmpty();
    }

    @Test
    void completesARowThatComesIntoBeingAndNoOther() throws Exception {
        MergeDecider.Verdict verdict = merge("a", whole(1, "{id: 'a', name: 'a'}"));

        assertThat(verdict).as("its writer does not know of it").isInstanceOf(MergeDecider.Overruled.class);
        RowState<Value> row = row("a").state();
        assertThat(row.values()).containsEntry("mode", Value.text("on")).containsEntry("ticket", Value.text("ULID"));
        assertThat(row.clock().of("mode")).isEqualTo(new HybridTimestamp(1, 1, HybridTimestamp.CLOUD));

        merge("a", patch(2, "{mode: null}"));
        assertThat(row("a").state().values()).doesNotContainKey("mode");
    }

    @Test
    void doesNotAskForWhatWasMissingAlready() throws Exception {
        rows.put(key("old"), new Row(key("old"), "acct", whole(1, "{id: 'old', mode: 'dim'}")));

        assertThat(refused("old", patch(2, "{serial: 's'}"))).isEmpty();
        assertThat(refused("old", patch(3, "{mode: 'grey'}"))).isEqualTo("not-allowed");
    }

    @Test
    void letsRowsOfOneBatchHandAValueOver() throws Exception {
        merge("a", whole(1, "{id: 'a', name: 'x'}"));
        MergeDecider decider = decider();

        assertThat(decider.merge(change("b", whole(2, "{id: 'b', name: 'x'}"))))
                .isInstanceOf(MergeDecider.Declined.class);
        decider.merge(change("a", patch(3, "{name: 'y'}")));
        assertThat(decider.merge(change("b", whole(NOW + 1, "{id: 'b', name: 'x'}"))))
                .isInstanceOf(MergeDecider.Overruled.class);
        assertThat(decider.merge(change("c", whole(5, "{id: 'c', name: 'y'}"))))
                .isInstanceOf(MergeDecider.Declined.class);
    }

    record Write(String id, String name, long millis, boolean removal) {}

    @Provide
    Arbitrary<List<Write>> writes() {
        return Combinators.combine(
                        Arbitraries.of("a", "b", "c"),
                        Arbitraries.of("x", "y"),
                        Arbitraries.longs().between(1, 30),
                        Arbitraries.of(true, false, false))
                .as(Write::new)
                .list()
                .ofMaxSize(30);
    }

    /** Whatever is written, in whatever batches: no two rows share the value, and none is without it. */
    @Property
    void keepsTheRulesWhateverIsWritten(@ForAll("writes") List<Write> writes) throws Exception {
        rows.clear();
        for (Write write : writes) {
            merge(
                    write.id(),
                    write.removal()
                            ? RowState.removed(at(write.millis()))
                            : whole(write.millis(), "{id: '" + write.id() + "', name: '" + write.name() + "'}"));
            List<Value> names = new ArrayList<>();
            rows.values().stream()
                    .filter(row -> row.state().clock().isLive())
                    .forEach(row -> names.add(row.state().values().get("name")));
            Set<Value> distinct = new HashSet<>(names);
            assertThat(names).doesNotContainNull().hasSameSizeAs(distinct);
        }
    }
}
