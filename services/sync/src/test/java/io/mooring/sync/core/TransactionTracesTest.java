package io.mooring.sync.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.contracts.trace.TraceContext;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TransactionTracesTest {
    private static final TraceContext ONE = new TraceContext("1".repeat(32), "1".repeat(16), true);
    private static final TraceContext TWO = new TraceContext("2".repeat(32), "2".repeat(16), true);
    private static final RowKey ROW = new RowKey("Reading", "DEVICE", "r\"1\\\n");
    private static final RowKey OTHER = new RowKey("Reading", "DEVICE", "r2");

    private final TransactionTraces traces = new TransactionTraces();

    @Test
    void messagesAreReadAsTheyWereWritten() {
        TraceMessage ofRows = TraceMessage.of(ONE, "main", List.of(ROW, OTHER));
        TraceMessage ofAll = new TraceMessage(TWO, null, Set.of());

        assertThat(TraceMessage.parse(ofRows.text())).contains(ofRows);
        assertThat(TraceMessage.parse(ofAll.text())).contains(ofAll);
        assertThat(ofAll.text()).isEqualTo(TWO.toString());
    }

    @Test
    void whatIsNoMessageOfATraceIsNone() {
        assertThat(TraceMessage.parse("")).isEmpty();
        assertThat(TraceMessage.parse("anything\n{}")).isEmpty();
        assertThat(TraceMessage.parse(ONE + "\n{")).isEmpty();
    }

    @Test
    void rowsOfOneTransactionMayBelongToDifferentTraces() {
        traces.note(7, TraceMessage.of(ONE, "main", List.of(ROW)), 10, 20);
        traces.note(7, TraceMessage.of(TWO, "main", List.of(OTHER)), 10, 20);

        assertThat(traces.of(7, "main", ROW)).isEqualTo(new ChangeTrace(ONE, 10, 20));
        assertThat(traces.of(7, "main", OTHER)).isEqualTo(new ChangeTrace(TWO, 10, 20));
        assertThat(traces.of(7, "another", ROW)).isNull();
        assertThat(traces.of(7, "main", new RowKey("Reading", "DEVICE", "r3"))).isNull();
    }

    @Test
    void whatIsSaidOfAllHoldsForTheTransactionAlone() {
        traces.note(7, new TraceMessage(ONE, null, Set.of()), 10, 20);

        assertThat(traces.of(7, "main", ROW)).isEqualTo(new ChangeTrace(ONE, 10, 20));
        assertThat(traces.of(8, "main", ROW)).isNull();
        assertThat(traces.of(7, "main", ROW)).isNull();
    }

    @Test
    void theLastThatIsSaidOfARowHolds() {
        traces.note(7, new TraceMessage(ONE, null, Set.of()), 10, 20);
        traces.note(7, TraceMessage.of(TWO, "main", List.of(ROW)), 10, 20);

        assertThat(traces.of(7, "main", ROW)).isEqualTo(new ChangeTrace(TWO, 10, 20));
        assertThat(traces.of(7, "main", OTHER)).isEqualTo(new ChangeTrace(ONE, 10, 20));
    }
}
