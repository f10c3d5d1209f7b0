package io.mooring.logs.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class SpanTest {
    private static final long DAY = 86_400_000L;
    private static final long NOW = 1_795_000_000_000L;

    private static Question question(long from, long to) {
        return new Question("main", null, null, Reach.EVERYTHING, from, to, Level.TRACE, null, List.of());
    }

    @Test
    void theNewestDayComesFirst() {
        assertThat(Span.of(question(0, Long.MAX_VALUE), false, Optional.empty(), NOW))
                .containsExactly(
                        new Span(NOW - DAY, Long.MAX_VALUE),
                        new Span(NOW - 9 * DAY, NOW - DAY),
                        new Span(NOW - 73 * DAY, NOW - 9 * DAY),
                        new Span(0, NOW - 73 * DAY));
    }

    @Test
    void theOldestDayComesFirstFromWhereThePageBeforeEnded() {
        assertThat(Span.of(question(0, NOW), true, Optional.of(new Cursor(NOW - 10 * DAY, 7)), NOW))
                .containsExactly(
                        new Span(NOW - 10 * DAY, NOW - 9 * DAY),
                        new Span(NOW - 9 * DAY, NOW - DAY),
                        new Span(NOW - DAY, NOW));
    }

    @Property
    void theyCoverTheTimeThatIsLeftWithoutAGap(
            @ForAll @LongRange(min = -1, max = 200) long from,
            @ForAll @LongRange(min = -1, max = 200) long to,
            @ForAll @LongRange(min = 0, max = 200) long page,
            @ForAll boolean oldestFirst) {
        long start = NOW - 150 * DAY;
        Question asked = question(start + from * DAY, to == -1 ? Long.MAX_VALUE : start + to * DAY);
        Cursor cursor = new Cursor(start + page * DAY, 1);

        List<Span> spans = Span.of(asked, oldestFirst, Optional.of(cursor), NOW);

        List<Span> inOrder = oldestFirst ? spans : spans.reversed();
        for (int i = 1; i < inOrder.size(); i++) {
            assertThat(inOrder.get(i).from()).isEqualTo(inOrder.get(i - 1).to());
        }
        assertThat(spans).allMatch(span -> span.from() < span.to());
        long first = oldestFirst ? Math.max(asked.from(), cursor.millis()) : asked.from();
        long end = oldestFirst ? asked.to() : Math.min(asked.to(), cursor.millis() + 1);
        if (first < end) {
            assertThat(inOrder.getFirst().from()).isEqualTo(first);
            assertThat(inOrder.getLast().to()).isEqualTo(end);
        } else {
            assertThat(spans).isEmpty();
        }
    }
}
