package io.mooring.provisioning.keys;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.provisioning.keys.KeySchedule.Term;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class KeyScheduleTest {
    private static final KeySchedule SCHEDULE =
            new KeySchedule(Duration.ofDays(30), Duration.ofDays(1), Duration.ofMinutes(15));

    /** However rarely somebody asks: a key signs, and one that follows another was published a day before. */
    @Property
    void someKeySignsAtAnyTime(@ForAll @Size(max = 40) List<@IntRange(max = 100_000) Integer> minutesBetween) {
        Instant now = Instant.parse("2026-11-23T12:00:00Z");
        List<Term> terms = new ArrayList<>();
        for (int minutes : minutesBetween) {
            now = now.plus(Duration.ofMinutes(minutes));
            Instant made = now;
            SCHEDULE.next(terms, now).ifPresent(term -> {
                boolean follows =
                        terms.stream().anyMatch(before -> before.until().equals(term.from()) && before.holds(made));
                assertThat(follows || term.from().equals(made)).isTrue();
                terms.add(term);
            });
            assertThat(terms).filteredOn(term -> term.holds(made)).hasSize(1);
            assertThat(terms).filteredOn(term -> term.holds(made)).allMatch(term -> SCHEDULE.isPublished(term, made));
            assertThat(SCHEDULE.next(terms, now)).isEmpty();
        }
    }

    @Property
    void aKeyIsPublishedUntilItsLastTokenEnded(@ForAll @IntRange(max = 100) int minutes) {
        Instant until = Instant.parse("2026-11-23T12:00:00Z");
        Term term = new Term(until.minus(Duration.ofDays(30)), until);

        assertThat(SCHEDULE.isPublished(term, until.plus(Duration.ofMinutes(minutes))))
                .isEqualTo(minutes < 25);
    }
}
