package io.mooring.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.mqtt.Receiver;
import io.mooring.contracts.trace.TraceContext;
import io.mooring.sync.core.ChangedRow;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DownlinkBatchTest {
    private static final TraceContext ONE = new TraceContext("1".repeat(32), "1".repeat(16), true);
    private static final TraceContext TWO = new TraceContext("2".repeat(32), "2".repeat(16), true);
    private static final Receiver.Device TAKING = new Receiver.Device("TAKING");
    private static final Receiver.Device PLAIN = new Receiver.Device("PLAIN");

    private final DownlinkBatch batch = new DownlinkBatch("downlink", new Limits(), Set.of(TAKING.id()));

    private static final class Limits implements SyncConfig.RowBatches {
        @Override
        public int maxRows() {
            return 10;
        }

        @Override
        public int maxBytes() {
            return 1_000;
        }
    }

    @Test
    void eachRowByItselfSaysItsOwnTrace() {
        add(PLAIN, "1", ONE, null);
        add(PLAIN, "2", null, null);
        add(TAKING, "3", TWO, "receipt");

        assertThat(batch.finish())
                .extracting(DownlinkBatchTest::text)
                .containsExactly("sync/MODIFY 1 " + ONE, "sync/MODIFY 2 null", "sync/MODIFY 3 " + TWO);
    }

    @Test
    void rowsOfOneTraceShareAMessageWithThoseOfNone() {
        add(TAKING, "1", null, null);
        add(TAKING, "2", ONE, null);
        add(TAKING, "3", null, null);
        add(TAKING, "4", ONE, null);

        assertThat(batch.finish())
                .extracting(DownlinkBatchTest::text)
                .containsExactly("sync/ROWS " + rows("1", "2", "3", "4") + " " + ONE);
    }

    @Test
    void rowsOfAnotherTraceBeginAMessage() {
        add(TAKING, "1", ONE, null);
        add(TAKING, "2", ONE, null);
        add(TAKING, "3", TWO, null);
        add(TAKING, "4", null, null);
        add(TAKING, "5", null, "receipt");
        add(TAKING, "6", null, null);

        assertThat(batch.finish())
                .extracting(DownlinkBatchTest::text)
                .containsExactly(
                        "sync/ROWS " + rows("1", "2") + " " + ONE,
                        "sync/ROWS " + rows("3", "4") + " " + TWO,
                        "sync/MODIFY 5 null",
                        "sync/MODIFY 6 null");
    }

    @Test
    void aFullMessageKeepsItsTraceToItself() {
        for (int i = 0; i < 11; i++) {
            add(TAKING, "1", i == 0 ? ONE : null, null);
        }

        assertThat(batch.finish())
                .extracting(DownlinkBatchTest::text)
                .containsExactly(
                        "sync/ROWS " + rows("1", "1", "1", "1", "1", "1", "1", "1", "1", "1") + " " + ONE,
                        "sync/MODIFY 1 null");
    }

    private void add(Receiver.Device device, String json, @Nullable TraceContext trace, @Nullable String receipt) {
        batch.row("main", device, ChangedRow.Kind.MODIFY, json.getBytes(StandardCharsets.UTF_8), receipt, trace);
    }

    private static String rows(String... rows) {
        StringBuilder json = new StringBuilder();
        for (String row : rows) {
            json.append(json.isEmpty() ? "[" : ",")
                    .append("{\"operation\":\"MODIFY\",\"row\":")
                    .append(row)
                    .append('}');
        }
        return json.append(']').toString();
    }

    private static String text(ProducerRecord<String, byte[]> record) {
        return header(record, EventHeaders.TOPIC) + " " + new String(record.value(), StandardCharsets.UTF_8) + " "
                + header(record, EventHeaders.TRACE_PARENT);
    }

    private static @Nullable String header(ProducerRecord<String, byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }
}
