package io.mooring.logs.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Packs events of one stream into requests, within all limits of {@code PutLogEvents} (CloudWatch Logs API reference): 1,048,576
 * bytes of UTF-8 with 26 more for each event, 10,000 events, 24 hours, in the order of their times.
 */
public final class EventBatches {
    private static final int MOST_EVENTS = 10_000;
    private static final int MOST_BYTES = 1_048_576;
    private static final int BYTES_OF_EVENT = 26;
    private static final long LONGEST_SPAN = 24 * 60 * 60 * 1_000L;

    /** An event. */
    public record Event(long millis, String message) {}

    private EventBatches() {}

    /** Requests that hold all of them, each in order. */
    public static List<List<Event>> of(List<Event> events) {
        List<Event> ordered = new ArrayList<>(events);
        // Stable: those of one ms stay as they came.
        ordered.sort(Comparator.comparingLong(Event::millis));
        List<List<Event>> batches = new ArrayList<>();
        List<Event> batch = new ArrayList<>();
        long bytes = 0;
        for (Event event : ordered) {
            long more = Texts.bytes(event.message()) + (long) BYTES_OF_EVENT;
            boolean fits = batch.isEmpty()
                    || batch.size() < MOST_EVENTS
                            && bytes + more <= MOST_BYTES
                            && event.millis() - batch.getFirst().millis() < LONGEST_SPAN;
            if (!fits) {
                batches.add(batch);
                batch = new ArrayList<>();
                bytes = 0;
            }
            batch.add(event);
            bytes += more;
        }
        if (!batch.isEmpty()) {
            batches.add(batch);
        }
        return batches;
    }
}
