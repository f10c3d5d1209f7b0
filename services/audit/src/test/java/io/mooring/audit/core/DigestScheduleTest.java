package io.mooring.audit.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DigestScheduleTest {
    private static final DigestSchedule HOURLY = new DigestSchedule(Duration.ofHours(1));

    @Test
    void writesTheFirstAtOnce() {
        assertThat(HOURLY.due(Optional.empty(), Instant.parse("2026-09-01T10:12:13.4Z")))
                .contains(Instant.parse("2026-09-01T10:12:13Z"));
    }

    @Test
    void endsPeriodsAtTheHour() {
        Optional<Instant> last = Optional.of(Instant.parse("2026-09-01T10:12:13Z"));

        assertThat(HOURLY.due(last, Instant.parse("2026-09-01T10:59:59.9Z"))).isEmpty();
        assertThat(HOURLY.due(last, Instant.parse("2026-09-01T11:00:00Z")))
                .contains(Instant.parse("2026-09-01T11:00:00Z"));
    }

    @Test
    void catchesUpWithOneAfterAnInterruption() {
        assertThat(HOURLY.due(
                        Optional.of(Instant.parse("2026-09-01T10:00:00Z")), Instant.parse("2026-09-01T15:30:00Z")))
                .contains(Instant.parse("2026-09-01T15:00:00Z"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT9S", "PT1H1S", "PT10.5S"})
    void refusesPeriodsThatAwsToolsDoNotUnderstand(Duration every) {
        assertThatThrownBy(() -> new DigestSchedule(every)).isInstanceOf(IllegalArgumentException.class);
    }
}
