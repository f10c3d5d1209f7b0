package io.mooring.metrics;

import io.mooring.metrics.core.SeriesKey;
import io.mooring.metrics.core.Source;
import io.mooring.metrics.db.SeriesStore;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Knows the numbers of the series that points count for; those in use by heart, the others it looks up, new ones it makes. */
@Singleton
public class SeriesBook {
    private final MetricsConfig config;
    private final SeriesMemory known;

    public SeriesBook(MetricsConfig config) {
        this.config = config;
        this.known = new SeriesMemory(config.limits().seriesRemembered());
    }

    /**
     * The series of sources, within a transaction; what was made is known to others once {@link Found#remember} is called
     * after the commit.
     */
    public Found find(Connection connection, Collection<Source> sources, LocalDate today) throws SQLException {
        Map<Source, List<Long>> found = new HashMap<>();
        List<Source> missing = new ArrayList<>();
        Set<Long> stale = new HashSet<>();
        synchronized (known) {
            for (Source source : sources) {
                SeriesMemory.Known entry = known.get(source);
                if (entry == null) {
                    missing.add(source);
                } else {
                    found.put(source, entry.series());
                    if (entry.day().isBefore(today)) {
                        stale.addAll(entry.series());
                    }
                }
            }
        }
        if (!missing.isEmpty()) {
            look(connection, missing, found, stale);
        }
        if (!stale.isEmpty()) {
            SeriesStore.seen(connection, stale, today);
        }
        return new Found(found, today);
    }

    private void look(Connection connection, List<Source> missing, Map<Source, List<Long>> found, Set<Long> stale)
            throws SQLException {
        Set<SeriesKey> keys = new HashSet<>();
        missing.forEach(source -> keys.addAll(source.series()));
        Map<SeriesKey, Long> numbers = SeriesStore.find(connection, keys);
        List<Source> fresh = missing.stream()
                .filter(source -> !numbers.keySet().containsAll(source.series()))
                .toList();
        if (!fresh.isEmpty()) {
            numbers.putAll(SeriesStore.create(connection, fresh, config.seriesLimits()));
        }
        for (Source source : missing) {
            if (numbers.keySet().containsAll(source.series())) {
                List<Long> series = source.series().stream().map(numbers::get).toList();
                found.put(source, series);
                stale.addAll(series);
            }
        }
    }

    /** What was found: of a source that is not in it there would have been too many series. */
    public final class Found {
        private final Map<Source, List<Long>> series;
        private final LocalDate day;

        private Found(Map<Source, List<Long>> series, LocalDate day) {
            this.series = series;
            this.day = day;
        }

        /** The series of a source; empty if they would have been too many. */
        public List<Long> of(Source source) {
            return series.getOrDefault(source, List.of());
        }

        /** The transaction is committed. */
        public void remember() {
            synchronized (known) {
                series.forEach((source, ids) -> known.put(source, ids, day));
            }
        }
    }
}
