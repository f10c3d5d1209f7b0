package io.mooring.contracts.sync;

import io.mooring.contracts.clock.HybridTimestamp;
import java.util.Collections;
import java.util.Comparator;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A row as one replica knows it, and the rule by which replicas come to agree: per field, the last
 * writer wins. A change on its way is a {@code RowState} too, holding only what it writes.
 *
 * <p>Merging is commutative, associative and idempotent, so it does not matter in which order, how
 * often or along which way changes arrive. A removal clears every field written before it; a field
 * written after it brings the row back with that field alone. Two writes with the very same clock
 * and different values (a device that writes twice within a millisecond and keeps no counter) are
 * settled by the values' own order, the same everywhere.
 *
 * @param clock when each field was written
 * @param values the fields' values; a written field without one is null
 * @param <V> a value; equal values must be {@code equals}
 */
public record RowState<V>(RowClock clock, SortedMap<String, V> values) {
    public RowState {
        SortedMap<String, V> written = new TreeMap<>();
        for (var entry : values.entrySet()) {
            if (clock.of(entry.getKey()) != null) {
                written.put(entry.getKey(), entry.getValue());
            }
        }
        values = Collections.unmodifiableSortedMap(written);
    }

    /** A row nobody ever wrote. */
    public static <V> RowState<V> absent() {
        return new RowState<>(RowClock.NEVER, Collections.emptySortedMap());
    }

    /** A removed row. */
    public static <V> RowState<V> removed(HybridTimestamp at) {
        return new RowState<>(RowClock.removal(at), Collections.emptySortedMap());
    }

    /**
     * What both replicas hold once they know of each other.
     *
     * @param order any total order of the values, the same at every replica; for equal clocks only
     */
    public RowState<V> mergedWith(RowState<V> other, Comparator<? super V> order) {
        RowClock merged = clock.mergedWith(other.clock);
        SortedSet<String> names = new TreeSet<>(values.keySet());
        names.addAll(other.values.keySet());
        SortedMap<String, V> winners = new TreeMap<>();
        for (String name : names) {
            V value = winner(name, other, order);
            if (value != null && merged.of(name) != null) {
                winners.put(name, value);
            }
        }
        return new RowState<>(merged, winners);
    }

    private @Nullable V winner(String name, RowState<V> other, Comparator<? super V> order) {
        HybridTimestamp mine = clock.of(name);
        HybridTimestamp theirs = other.clock.of(name);
        V myValue = values.get(name);
        V theirValue = other.values.get(name);
        if (mine == null) {
            return theirValue;
        }
        if (theirs == null) {
            return myValue;
        }
        int later = mine.compareTo(theirs);
        if (later != 0) {
            return later > 0 ? myValue : theirValue;
        }
        if (myValue == null || theirValue == null) {
            return myValue == null ? theirValue : myValue;
        }
        return order.compare(myValue, theirValue) >= 0 ? myValue : theirValue;
    }

    /**
     * Whether this change took effect as a whole in {@code merged}, the state it was merged into. If
     * not, its writer holds something nobody else does and has to be told what stands.
     */
    public boolean prevailsIn(RowState<V> merged) {
        if (clock.removed() != null && !clock.isLive() && merged.clock.isLive()) {
            return false;
        }
        SortedSet<String> written = new TreeSet<>(values.keySet());
        written.addAll(clock.fields().keySet());
        if (clock.base() != null) {
            written.addAll(merged.values.keySet());
        }
        for (String name : written) {
            if (!Objects.equals(clock.of(name), merged.clock.of(name))
                    || !Objects.equals(values.get(name), merged.values.get(name))) {
                return false;
            }
        }
        return !clock.isLive() || merged.clock.isLive();
    }
}
