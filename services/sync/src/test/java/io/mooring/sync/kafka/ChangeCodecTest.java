package io.mooring.sync.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.contracts.trace.TraceContext;
import io.mooring.sync.core.ChangeTrace;
import io.mooring.sync.core.RowKey;
import io.mooring.sync.core.TransactionTraces;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChangeCodecTest {
    private static final TraceContext TRACE = new TraceContext("1".repeat(32), "2".repeat(16), true);
    private static final RowKey ROW = new RowKey("Reading", "DEVICE", "r1");

    private final TransactionTraces traces = new TransactionTraces();

    /** As Debezium writes a logical message, with what nobody reads left out. */
    private static byte[] message(String op, String prefix, String content) {
        String base64 = Base64.getEncoder().encodeToString(content.getBytes(StandardCharsets.UTF_8));
        return ("{\"op\":\"" + op + "\",\"ts_us\":1700000000002000,\"source\":{\"schema\":\"\",\"table\":\"\","
                        + "\"ts_us\":1700000000001000,\"txId\":7,\"lsn\":9},\"message\":{\"prefix\":\"" + prefix
                        + "\",\"content\":\"" + base64 + "\"}}")
                .getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void notesWhatATransactionSaysOfItsTrace() throws IOException {
        byte[] event = message("m", "traceparent", TRACE.toString());

        assertThat(ChangeCodec.event(event)).isEmpty();
        ChangeCodec.noteTrace(event, traces);

        assertThat(traces.of(7, "main", ROW))
                .isEqualTo(new ChangeTrace(TRACE, 1_700_000_000_001_000L, 1_700_000_000_002_000L));
    }

    @Test
    void passesOverOtherMessages() throws IOException {
        ChangeCodec.noteTrace(message("m", "another", TRACE.toString()), traces);
        ChangeCodec.noteTrace(message("c", "traceparent", TRACE.toString()), traces);
        ChangeCodec.noteTrace(null, traces);
        ChangeCodec.noteTrace("{\"op\":\"c\",\"after\":{}}".getBytes(StandardCharsets.UTF_8), traces);
        ChangeCodec.noteTrace(
                "{\"op\":\"m\",\"message\":{\"prefix\":\"traceparent\"}}".getBytes(StandardCharsets.UTF_8), traces);

        assertThat(traces.of(7, "main", ROW)).isNull();
    }

    /** Anybody's SQL may say anything. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "00-11111111111111111111111111111111-2222222222222222-00",
                "00-11111111111111111111111111111111-2222222222222222-01\n[",
                "00-11111111111111111111111111111111-2222222222222222-01\n{\"cloud\":\"main\"}",
            })
    void takesForNoneWhatIsNotOneToBeRecorded(String content) throws IOException {
        ChangeCodec.noteTrace(message("m", "traceparent", content), traces);

        assertThat(traces.of(7, "main", ROW)).isNull();
    }
}
