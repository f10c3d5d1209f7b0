package io.mooring.metrics.core;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Decides which new series there may be. A source is let in with all of its series or with none, so a device that has reached its
 * own limit uses up nothing of its product's and its cloud's.
 */
public final class SeriesAdmission {
    private final SeriesLimits limits;
    private final Set<SeriesKey> existing;
    private final Map<String, Integer> totals;
    private final Map<Holder, Integer> counts;
    private final Set<SeriesKey> admitted = new LinkedHashSet<>();

    /** An owner in a cloud. */
    public record Holder(String cloud, Owner owner) {}

    /**
     * @param existing series there are already, among those that will be asked for
     * @param counts how many each owner has
     * @param totals how many each cloud has in all
     */
    public SeriesAdmission(
            SeriesLimits limits, Set<SeriesKey> existing, Map<Holder, Integer> counts, Map<String, Integer> totals) {
        this.limits = limits;
        this.existing = existing;
        this.counts = new HashMap<>(counts);
        this.totals = new HashMap<>(totals);
    }

    /** Lets a source in, or not. */
    public boolean admit(Source source) {
        List<SeriesKey> missing = source.series().stream()
                .filter(key -> !existing.contains(key) && !admitted.contains(key))
                .toList();
        boolean room = totals.getOrDefault(source.cloud(), 0) + missing.size() <= limits.total()
                && missing.stream()
                        .allMatch(key -> counts.getOrDefault(holder(key), 0)
                                < limits.of(key.owner().kind()));
        if (room) {
            totals.merge(source.cloud(), missing.size(), Integer::sum);
            missing.forEach(key -> counts.merge(holder(key), 1, Integer::sum));
            admitted.addAll(missing);
        }
        return room;
    }

    /** The series that are to be made. */
    public Set<SeriesKey> admitted() {
        return new HashSet<>(admitted);
    }

    private static Holder holder(SeriesKey key) {
        return new Holder(key.cloud(), key.owner());
    }
}
