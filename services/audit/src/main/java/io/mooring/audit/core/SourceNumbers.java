package io.mooring.audit.core;

import io.mooring.contracts.audit.AuditPosition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Which numbers of which source were seen, as ranges: a source without gaps takes one, however much it says. */
public final class SourceNumbers {
    private final Map<Count, TreeMap<Long, Long>> seen = new TreeMap<>();

    /** One count of a source. */
    public record Count(String source, String epoch) implements Comparable<Count> {
        @Override
        public int compareTo(Count other) {
            int bySource = source.compareTo(other.source);
            return bySource != 0 ? bySource : epoch.compareTo(other.epoch);
        }
    }

    /** Numbers {@code first} to {@code last}, both included. */
    public record Range(long first, long last) {
        @Override
        public String toString() {
            return first == last ? Long.toString(first) : first + "-" + last;
        }
    }

    /** Notes a number; false if it was seen before. */
    public boolean add(AuditPosition position) {
        TreeMap<Long, Long> ranges =
                seen.computeIfAbsent(new Count(position.source(), position.epoch()), fresh -> new TreeMap<>());
        long number = position.number();
        Map.Entry<Long, Long> before = ranges.floorEntry(number);
        if (before != null && before.getValue() >= number) {
            return false;
        }
        Long after = ranges.remove(number + 1);
        long last = after == null ? number : after;
        boolean joins = before != null && before.getValue() == number - 1;
        ranges.put(joins ? before.getKey() : number, last);
        return true;
    }

    /**
     * The counts, each with the numbers that are missing below its highest.
     *
     * @param fromFirst whether what is missing below its lowest counts too
     */
    public Map<Count, List<Range>> holes(boolean fromFirst) {
        Map<Count, List<Range>> holes = new TreeMap<>();
        seen.forEach((count, ranges) -> {
            List<Range> missing = new ArrayList<>();
            long next = fromFirst ? 1 : ranges.firstKey();
            for (Map.Entry<Long, Long> range : ranges.entrySet()) {
                if (range.getKey() > next) {
                    missing.add(new Range(next, range.getKey() - 1));
                }
                next = range.getValue() + 1;
            }
            holes.put(count, missing);
        });
        return holes;
    }
}
