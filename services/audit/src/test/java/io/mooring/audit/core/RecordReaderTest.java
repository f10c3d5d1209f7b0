package io.mooring.audit.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mooring.contracts.audit.AuditPosition;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordReaderTest {
    private static final String GOOD = """
        {"eventID":"00000000-0000-0007-0000-000000000001","eventTime":"2026-09-01T10:00:00Z","eventName":"ClaimDevice",\
        "eventSource":"provisioning.mooring","userIdentity":{"type":"Operator","principalId":"kim"},\
        "requestParameters":{"id":"DEVICE0001"},\
        "additionalEventData":{"sequence":{"source":"/services/provisioning","epoch":"one","number":7}}}\
        """;
    private static final RecordReader READER =
            new RecordReader(new TrailLayout("123456789012", "local-1", "main-trail", "trail-bucket", ""), 10_000);

    @Test
    void readsARecordAndAddsWhatTheTrailKnows() throws IOException {
        TrailRecord record = read(GOOD);

        assertThat(record.who()).isEqualTo("kim");
        assertThat(record.device()).isEqualTo("DEVICE0001");
        assertThat(record.cloud()).isEqualTo("main");
        assertThat(record.numbered()).contains(new AuditPosition("/services/provisioning", "one", 7));
        assertThat(record.json().path("recipientAccountId").asText()).isEqualTo("123456789012");
        assertThat(record.json().path("awsRegion").asText()).isEqualTo("local-1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"eventID\":\"1\"",
                "no json",
                "{\"eventID\":\"x\",\"eventTime\":\"2026-09-01T10:00:00Z\",\"eventName\":\"a\",\"eventSource\":\"b\"}"
            })
    void refusesWhatIsNone(String text) {
        assertThatThrownBy(() -> read(text)).isInstanceOf(IOException.class);
    }

    @Test
    void refusesTimesAndNumbersThatAreNone() {
        assertThatThrownBy(() -> read(GOOD.replace("10:00:00Z", "10:00:00.5Z"))).hasMessageContaining("eventTime");
        assertThatThrownBy(() -> read(GOOD.replace("\"number\":7", "\"number\":0")))
                .hasMessageContaining("sequence");
        assertThatThrownBy(() -> read(GOOD.replace("kim", "k".repeat(10_000)))).hasMessageContaining("longer");
    }

    private static TrailRecord read(String text) throws IOException {
        return READER.read(text.getBytes(StandardCharsets.UTF_8), "main");
    }
}
