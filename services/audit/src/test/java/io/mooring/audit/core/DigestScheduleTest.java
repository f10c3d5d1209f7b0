package io.mooring.audit.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

    @ParameterizedTest
    @CsvSource({
        "PT1H,  2026-09-01T10:12:13Z, 2026-09-01T11:00:00Z 2026-09-01T12:00:00Z 2026-09-01T13:00:00Z",
        "PT10S, 2026-09-01T10:12:13Z, 2026-09-01T11:12:10Z 2026-09-01T12:12:10Z 2026-09-01T13:12:10Z 2026-09-01T13:30:20Z",
        "PT45M, 2026-09-01T10:12:13Z, 2026-09-01T10:30:00Z 2026-09-01T11:15:00Z 2026-09-01T12:00:00Z 2026-09-01T12:45:00Z 2026-09-01T13:30:00Z",
    })
    void catchesUpByTheHourAfterAnInterruption(Duration every, Instant last, String ends) {
        DigestSchedule schedule = new DigestSchedule(every);
        Instant back = Instant.parse("2026-09-01T13:30:25Z");
        List<String> due = new ArrayList<>();
        Optional<Instant> end = schedule.due(Optional.of(last), back);
        while (end.isPresent()) {
            due.add(end.get().toString());
            end = schedule.due(end, back);
        }
        assertThat(due).containsExactly(ends.split(" "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT9S", "PT1H1S", "PT10.5S"})
    void refusesPeriodsThatAwsToolsDoNotUnderstand(Duration every) {
        assertThatThrownBy(() -> new DigestSchedule(every)).isInstanceOf(IllegalArgumentException.class);
    }
}
