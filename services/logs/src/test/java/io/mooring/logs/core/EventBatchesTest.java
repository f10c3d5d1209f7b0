package io.mooring.logs.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.mooring.logs.core.EventBatches.Event;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class EventBatchesTest {
    @Property(tries = 60)
    void everyRequestKeepsAllLimitsAndNothingIsLostOrMoved(@ForAll long seed) {
        Random random = new Random(seed);
        int kind = random.nextInt(3);
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < (kind == 0 ? 21_000 : 300); i++) {
            String text = kind == 1 ? "é".repeat(random.nextInt(20_000)) : "x" + i;
            long span = kind == 2 ? Duration.ofDays(5).toMillis() : 60_000;
            events.add(new Event(1_795_000_000_000L + random.nextLong(span), text));
        }

        List<List<Event>> batches = EventBatches.of(events);

        for (List<Event> batch : batches) {
            long bytes = batch.stream()
                    .mapToLong(event -> event.message().getBytes(StandardCharsets.UTF_8).length + 26)
                    .sum();
            assertThat(batch).hasSizeBetween(1, 10_000).isSortedAccordingTo(Comparator.comparingLong(Event::millis));
            assertThat(bytes).isLessThanOrEqualTo(1_048_576);
            assertThat(batch.getLast().millis() - batch.getFirst().millis())
                    .isLessThan(Duration.ofHours(24).toMillis());
        }
        List<Event> ordered = new ArrayList<>(events);
        ordered.sort(Comparator.comparingLong(Event::millis));
        assertThat(batches.stream().flatMap(List::stream).toList()).isEqualTo(ordered);
    }

    @Test
    void eventsBeyondTheBoundsOfTimeAreNamedByTheirPlaces() {
        long now = 1_795_000_000_000L;
        ArrayNode events = new ObjectMapper().createArrayNode();
        for (long at : new long[] {
            now - Duration.ofDays(20).toMillis(),
            now - Duration.ofDays(15).toMillis(),
            now,
            now + Duration.ofHours(3).toMillis()
        }) {
            events.addObject().put("timestamp", at).put("message", "m");
        }

        Outcome<PutLogEvents> read = PutLogEvents.read(events, "s", new LineReader(now, LineLimits.DEFAULT));

        assertThat(read)
                .isEqualTo(Outcome.done(new PutLogEvents(List.of(new Line(now, Level.INFO, "s", "m", null)), 2, 3)));
    }

    @Test
    void daysAreOverWhenTheLastOfTheirLinesIs() {
        assertThat(Retention.isOver(10, 3, 14 * Retention.DAY - 1)).isFalse();
        assertThat(Retention.isOver(10, 3, 14 * Retention.DAY)).isTrue();
    }
}
