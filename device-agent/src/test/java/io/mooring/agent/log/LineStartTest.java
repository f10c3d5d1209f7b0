package io.mooring.agent.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneId;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LineStartTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
        2026-11-27T10:00:00.123Z ERROR x          | 2026-11-27T10:00:00.123Z | error
        2026-11-27 10:00:00,123 +0100 [main] WARN | 2026-11-27T09:00:00.123Z | warn
        [2026-11-27 10:00:00] <info> x            | 2026-11-27T08:00:00Z     | info
        Nov 27 10:00:00 host sshd[1]: no          | 2026-11-27T08:00:00Z     | -
        2026-11-01T00:00:00Z too old to be it     | 2026-11-27T12:00:00Z     | -
        2027-01-01T00:00:00Z ahead                | 2026-11-27T12:00:00Z     | -
        2026-13-45T00:00:00Z no date              | 2026-11-27T12:00:00Z     | -
        level=error msg=x                         | 2026-11-27T12:00:00Z     | error
        an error of 3 %                           | 2026-11-27T12:00:00Z     | -
        """)
    void readsWhatALineSaysOfItself(String text, Instant time, String level) {
        LogLine line = LineStart.read(text, Instant.parse("2026-11-27T12:00:00Z"), ZoneId.of("Europe/Helsinki"));
        assertThat(Instant.ofEpochMilli(line.millis())).isEqualTo(time);
        assertThat(Objects.equals(line.level(), level)).as(line.level()).isTrue();
    }
}
