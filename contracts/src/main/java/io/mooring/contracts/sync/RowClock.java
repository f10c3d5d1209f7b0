package io.mooring.contracts.sync;

import io.mooring.contracts.clock.HybridTimestamp;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * When each field of a row was last written.
 *
 * <p>Text form, as kept beside a row (a JSON object of texts): {@code "*"} the write that set the
 * whole row, {@code "-"} the last removal, and one entry for each field written later than both.
 *
 * <p>Always in canonical form: what a later whole-row write or removal overrides is left out, so
 * equal histories give equal clocks.
 *
 * @param base the last write of the whole row, or null
 * @param removed the last removal, or null; writes not later than it are gone
 * @param fields fields written alone, later than {@code base} and {@code removed}
 */
public record RowClock(
        @Nullable HybridTimestamp base, @Nullable HybridTimestamp removed, SortedMap<String, HybridTimestamp> fields) {
    /** A row nobody ever wrote. */
    public static final RowClock NEVER = new RowClock(null, null, Collections.emptySortedMap());

    private static final String BASE = "*";
    private static final String REMOVED = "-";

    public RowClock {
        if (base != null && removed != null && base.compareTo(removed) <= 0) {
            base = null;
        }
        HybridTimestamp floor = HybridTimestamp.max(base, removed);
        SortedMap<String, HybridTimestamp> later = new TreeMap<>();
        fields.forEach((field, clock) -> {
            if (floor == null || clock.compareTo(floor) > 0) {
                later.put(field, clock);
            }
        });
        fields = Collections.unmodifiableSortedMap(later);
    }

    /** The clock of a write of the whole row. */
    public static RowClock whole(HybridTimestamp at) {
        return new RowClock(at, null, Collections.emptySortedMap());
    }

    /** The clock of a removal. */
    public static RowClock removal(HybridTimestamp at) {
        return new RowClock(null, at, Collections.emptySortedMap());
    }

    /** The clock of a write of some fields. */
    public static RowClock of(Map<String, HybridTimestamp> fields) {
        return new RowClock(null, null, new TreeMap<>(fields));
    }

    /**
     * Reads the text form.
     *
     * @throws IllegalArgumentException if an entry is not a clock
     */
    public static RowClock parse(Map<String, String> texts) {
        Map<String, HybridTimestamp> entries = new HashMap<>();
        String lastText = "";
        HybridTimestamp last = null;
        for (Map.Entry<String, String> entry : texts.entrySet()) {
            // Fields written together bear the same clock.
            if (last == null || !lastText.equals(entry.getValue())) {
                lastText = entry.getValue();
                last = HybridTimestamp.parse(lastText);
            }
            entries.put(entry.getKey(), last);
        }
        return ofEntries(entries);
    }

    /** A clock of the entries of its text form, see the class. */
    public static RowClock ofEntries(Map<String, HybridTimestamp> entries) {
        SortedMap<String, HybridTimestamp> fields = new TreeMap<>(entries);
        HybridTimestamp base = fields.remove(BASE);
        HybridTimestamp removed = fields.remove(REMOVED);
        return new RowClock(base, removed, fields);
    }

    /** The text form, see the class. */
    public SortedMap<String, String> texts() {
        SortedMap<String, String> texts = new TreeMap<>();
        if (base != null) {
            texts.put(BASE, base.toString());
        }
        if (removed != null) {
            texts.put(REMOVED, removed.toString());
        }
        HybridTimestamp last = null;
        String lastText = "";
        for (Map.Entry<String, HybridTimestamp> field : fields.entrySet()) {
            if (!field.getValue().equals(last)) {
                last = field.getValue();
                lastText = last.toString();
            }
            texts.put(field.getKey(), lastText);
        }
        return texts;
    }

    /** When a field was last written, or null if its value (if any) was removed or never written. */
    public @Nullable HybridTimestamp of(String field) {
        HybridTimestamp own = fields.get(field);
        return own != null ? own : base;
    }

    /** Whether the row exists: something was written after the last removal. */
    public boolean isLive() {
        return base != null || !fields.isEmpty();
    }

    /** The last write or removal, or null if there was none. */
    public @Nullable HybridTimestamp latest() {
        HybridTimestamp latest = HybridTimestamp.max(base, removed);
        for (HybridTimestamp at : fields.values()) {
            latest = HybridTimestamp.max(latest, at);
        }
        return latest;
    }

    /**
     * What counts in place of those of a writer's own times that lie too far ahead of when they arrived in the cloud
     * (docs/sync.md, "The rule"): the arrival, or just after the latest of the others, so that what was written last stays
     * last.
     *
     * @param arrival when they arrived, as the writer's own
     */
    public HybridTimestamp instead(HybridTimestamp arrival) {
        HybridTimestamp floor = null;
        for (HybridTimestamp at : entries()) {
            if (at.writer().equals(arrival.writer()) && at.isBelieved(arrival.millis())) {
                floor = HybridTimestamp.max(floor, at);
            }
        }
        return floor == null || floor.compareTo(arrival) < 0 ? arrival : floor.next(arrival.writer());
    }

    /**
     * The same with what counts in place of those of a writer's own times that are not believed; a removal stays before
     * what was written after it.
     *
     * @param receivedMillis when they arrived in the cloud, ms since 1970
     * @param instead what counts, as the writer's own; see {@link #instead}
     */
    public RowClock believed(long receivedMillis, HybridTimestamp instead) {
        SortedMap<String, HybridTimestamp> believed = new TreeMap<>(fields);
        believed.replaceAll((field, at) -> isBelieved(at, receivedMillis, instead) ? at : instead);
        HybridTimestamp before =
                isLive() ? new HybridTimestamp(instead.millis() - 1, instead.counter(), instead.writer()) : instead;
        return new RowClock(
                base == null || isBelieved(base, receivedMillis, instead) ? base : instead,
                removed == null || isBelieved(removed, receivedMillis, instead) ? removed : before,
                believed);
    }

    private static boolean isBelieved(HybridTimestamp at, long receivedMillis, HybridTimestamp instead) {
        return !at.writer().equals(instead.writer()) || at.isBelieved(receivedMillis);
    }

    private List<HybridTimestamp> entries() {
        List<HybridTimestamp> entries = new ArrayList<>(fields.values());
        if (base != null) {
            entries.add(base);
        }
        if (removed != null) {
            entries.add(removed);
        }
        return entries;
    }

    /** What is known when both are known. */
    RowClock mergedWith(RowClock other) {
        SortedMap<String, HybridTimestamp> merged = new TreeMap<>(fields);
        other.fields.forEach((field, at) -> merged.merge(field, at, (a, b) -> a.compareTo(b) >= 0 ? a : b));
        return new RowClock(HybridTimestamp.max(base, other.base), HybridTimestamp.max(removed, other.removed), merged);
    }
}
