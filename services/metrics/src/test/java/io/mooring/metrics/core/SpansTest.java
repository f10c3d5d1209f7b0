package io.mooring.metrics.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Objects;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where points go and where questions look must agree at any time. */
class SpansTest {
    private static final Spans SPANS = Spans.DEFAULT;

    @ParameterizedTest
    @CsvSource({"1, 0", "300, 0", "301, 1", "3600, 1", "86400, 2", "604801, 4", "31536000, 5", "99999999, 5"})
    void theFirstSpanThatIsLongEnoughAnswers(long period, int span) {
        assertThat(SPANS.answering(period)).isEqualTo(span);
    }

    @Test
    void aQuestionBeginsWithTheFirstWholeWindow() {
        Span span = SPANS.get(0);

        assertThat(span.firstStart(1_000_000)).isEqualTo(999_720);
        assertThat(span.firstStart(999_720 + 300)).isEqualTo(999_720);
        assertThat(span.firstStart(999_721 + 300)).isEqualTo(999_750);
    }

    /** Every point within a question's time is in a window that the question adds up, however the marks lie. */
    @Property(tries = 2_000)
    void noQuestionMissesAPoint(
            @ForAll @LongRange(min = 1_700_000_000L, max = 1_800_000_000L) long now,
            @ForAll @LongRange(min = 0, max = 20_000_000L) long lag,
            @ForAll @LongRange(min = 0, max = 1_209_600L) long age,
            @ForAll @IntRange(min = 0, max = 5) int asked) {
        long[] closed = new long[SPANS.size()];
        for (int i = 0; i < closed.length; i++) {
            closed[i] = SPANS.closing(i, now - lag);
        }
        long time = now - age;
        Span span = SPANS.get(asked);
        long from = span.firstStart(now);

        Spans.Place place = Objects.requireNonNull(SPANS.place(time, closed));

        boolean wanted = time >= from && time < from + span.period();
        boolean found = place.span() <= asked && place.start() >= from && place.start() < from + span.period();
        if (asked < 5) {
            assertThat(found).isEqualTo(wanted);
        } else if (wanted) {
            // A month is made of windows of two days; one counts for the month in which it begins.
            assertThat(place.start()).isGreaterThanOrEqualTo(from - SPANS.get(4).bucket());
        }
    }

    @Property(tries = 500)
    void marksLieOnWindowsOfTheNextSpan(
            @ForAll @LongRange(min = 1_700_000_000L, max = 1_800_000_000L) long now,
            @ForAll @IntRange(min = 0, max = 4) int span) {
        long closing = SPANS.closing(span, now);

        assertThat(closing % SPANS.get(span + 1).bucket()).isZero();
        assertThat(closing).isLessThanOrEqualTo(SPANS.get(span).firstStart(now));
    }

    @Test
    void whatIsOlderThanEverythingGoesNowhere() {
        assertThat(SPANS.place(99, new long[] {600, 500, 400, 300, 200, 2_628_000}))
                .isNull();
    }

    @Test
    void spansGrowCoarser() {
        assertThatThrownBy(() -> Spans.parse("PT1H/PT5M,PT5M/PT30S")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Spans.parse("PT1H")).hasMessageContaining("period/bucket");
        assertThat(Spans.parse("PT5M/PT30S,PT1H/PT5M").get(1)).isEqualTo(new Span(3_600, 300));
    }
}
