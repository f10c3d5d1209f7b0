package io.mooring.sync.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.sync.RowClock;
import io.mooring.contracts.sync.RowState;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RowJsonTest {
    private static final HybridTimestamp AT = HybridTimestamp.parse("2026-11-23T12:00:00.000Z-0000-cloud");
    private static final HybridTimestamp LATER = HybridTimestamp.parse("2026-11-23T12:00:01.000Z-0000-cloud");
    private static final TableLayout THING =
            Objects.requireNonNull(Schemas.ofThings().layout("Thing"));
    private static final RowKey KEY = new RowKey("Thing", "DEV1", "thing#a");

    @Test
    void writesARowAsTheProtocolHasIt() {
        RowClock clock = new RowClock(AT, null, new TreeMap<>(Map.of("n", LATER)));
        Row row = new Row(
                KEY,
                "acct",
                new RowState<>(clock, new TreeMap<>(Map.of("id", Value.text("a"), "mode", Value.text("on")))));

        assertThat(RowJson.write(THING, row))
                .isEqualTo("{\"_type\":\"Thing\",\"pk\":\"thing#DEV1\",\"sk\":\"thing#a\",\"deviceId\":\"DEV1\","
                        + "\"accountId\":\"acct\",\"id\":\"a\",\"mode\":\"on\",\"n\":null,"
                        + "\"updated\":\"2026-11-23T12:00:01.000Z\",\"clock\":\"" + LATER + "\",\"fields\":{\"*\":\""
                        + AT
                        + "\",\"n\":\"" + LATER + "\"}}");
    }

    @Test
    void namesARemovedRowByItsKeys() {
        assertThat(RowJson.write(THING, new Row(KEY, null, RowState.removed(AT))))
                .isEqualTo(
                        "{\"_type\":\"Thing\",\"pk\":\"thing#DEV1\",\"sk\":\"thing#a\",\"deviceId\":\"DEV1\",\"id\":\"a\","
                                + "\"updated\":\"2026-11-23T12:00:00.000Z\",\"clock\":\"" + AT
                                + "\",\"fields\":{\"-\":\"" + AT
                                + "\"}}");
    }

    @Test
    void leavesItsOwnFieldsToARowThatHasAClock() {
        Row row = new Row(
                KEY, null, new RowState<>(RowClock.whole(AT), new TreeMap<>(Map.of("clock", Value.text("wall")))));

        assertThat(RowJson.write(THING, row)).containsOnlyOnce("\"clock\"").contains("\"clock\":\"wall\"");
    }
}
