package io.mooring.metrics;

import io.mooring.chassis.db.Database;
import io.mooring.metrics.core.Dimensions;
import io.mooring.metrics.core.Point;
import io.mooring.metrics.core.Refusal;
import io.mooring.metrics.core.Source;
import io.mooring.metrics.core.Spans;
import io.mooring.metrics.core.WindowSum;
import io.mooring.metrics.db.BatchStore;
import io.mooring.metrics.db.DeviceStore;
import io.mooring.metrics.db.DeviceStore.Device;
import io.mooring.metrics.db.PositionStore;
import io.mooring.metrics.db.SpanStore;
import io.mooring.metrics.db.WindowStore;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Takes points: each once, all of a batch in one transaction, with how far the topic was read. */
@Singleton
public class IngestHandler {
    private static final long MILLIS = 1_000;

    /** Where in a topic something stands. */
    public record Origin(String topicId, int partition, long offset) {}

    /**
     * Points of one device.
     *
     * @param id by which it is known if it comes again; null if it has none
     * @param origin where it was read; null if it was not read of Kafka
     */
    public record Told(
            String cloud,
            String device,
            @Nullable String id,
            List<Point> points,
            @Nullable Origin origin) {}

    /**
     * What became of it.
     *
     * @param taken how many of its points count now, each for all its sets of dimensions
     * @param repeated whether it had been taken before
     * @param refused by the place in its list, why others do not count
     */
    public record Result(int taken, boolean repeated, Map<Integer, Refusal> refused) {}

    private static final Refusal TOO_MANY = new Refusal(
            "too-many-series",
            "the device, its product or its cloud has as many series as it may; use fewer values of dimensions");
    private static final Refusal ANOTHER_CLOUD =
            new Refusal("another-cloud", "the device is not of this cloud any more");
    private static final Refusal TOO_OLD = new Refusal("time-out-of-range", "the point is older than all that is kept");
    private static final Result NOTHING = new Result(0, false, Map.of());
    private static final Result REPEATED = new Result(0, true, Map.of());

    private final Database database;
    private final SeriesBook book;
    private final Partitions partitions;
    private final IngestMetrics metrics;
    private final Clock clock = Clock.systemUTC();

    public IngestHandler(Database database, SeriesBook book, Partitions partitions, IngestMetrics metrics) {
        this.database = database;
        this.book = book;
        this.partitions = partitions;
        this.metrics = metrics;
    }

    private record Read(Told told, Origin origin) {}

    /** A window of a series, before it is added. */
    private record WindowKey(long series, long start) {}

    /** Takes a batch; when it returns, all is committed. */
    public List<Result> take(List<Told> batch) throws SQLException {
        Instant now = clock.instant();
        partitions.ready(now.getEpochSecond());
        LocalDate today = now.atZone(ZoneOffset.UTC).toLocalDate();
        List<SeriesBook.Found> found = new ArrayList<>(1);
        List<Result> results = database.transact(connection -> {
            found.clear();
            Set<Told> fresh = fresh(connection, batch, now);
            long[] closed = SpanStore.hold(connection, partitions.spans());
            Map<String, Device> devices = DeviceStore.find(
                    connection, fresh.stream().map(Told::device).collect(Collectors.toSet()));
            Set<Source> sources = new HashSet<>();
            fresh.forEach(told -> sources.addAll(sources(told, devices)));
            SeriesBook.Found series = book.find(connection, sources, today);
            found.add(series);
            List<Map<WindowKey, WindowSum>> windows = new ArrayList<>();
            partitions.spans().list().forEach(span -> windows.add(new HashMap<>()));
            List<Result> done = new ArrayList<>();
            for (Told told : batch) {
                if (fresh.contains(told)) {
                    done.add(sum(told, devices.get(told.device()), series, closed, windows));
                } else {
                    done.add(told.id() == null ? NOTHING : REPEATED);
                }
            }
            save(connection, windows);
            return done;
        });
        found.forEach(SeriesBook.Found::remember);
        results.forEach(this::count);
        return results;
    }

    private void count(Result result) {
        metrics.taken(result.taken());
        if (result.repeated()) {
            metrics.repeated();
        }
        result.refused().values().forEach(refusal -> metrics.refused(refusal.code()));
    }

    /** Those that have not been taken yet; from now on they have been. */
    private static Set<Told> fresh(Connection connection, List<Told> batch, Instant now) throws SQLException {
        Map<String, List<Read>> topics = new TreeMap<>();
        Set<Told> fresh = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Told told : batch) {
            Origin origin = told.origin();
            if (origin == null) {
                fresh.add(told);
            } else {
                topics.computeIfAbsent(origin.topicId(), id -> new ArrayList<>())
                        .add(new Read(told, origin));
            }
        }
        for (Map.Entry<String, List<Read>> topic : topics.entrySet()) {
            Map<Integer, Long> next = new HashMap<>(PositionStore.lock(
                    connection,
                    topic.getKey(),
                    topic.getValue().stream()
                            .map(read -> read.origin().partition())
                            .collect(Collectors.toSet())));
            for (Read read : topic.getValue()) {
                Origin origin = read.origin();
                if (origin.offset() >= next.getOrDefault(origin.partition(), 0L)) {
                    next.put(origin.partition(), origin.offset() + 1);
                    fresh.add(read.told());
                }
            }
            PositionStore.save(connection, topic.getKey(), next);
        }
        SortedSet<BatchStore.Batch> named = new TreeSet<>();
        for (Told told : batch) {
            if (told.id() != null && fresh.contains(told)) {
                named.add(new BatchStore.Batch(told.device(), told.id()));
            }
        }
        Set<BatchStore.Batch> noted = named.isEmpty() ? Set.of() : BatchStore.note(connection, named, now);
        Set<BatchStore.Batch> left = new HashSet<>(noted);
        for (Told told : batch) {
            // Of two in one batch the first is taken.
            if (told.id() != null
                    && fresh.contains(told)
                    && !left.remove(new BatchStore.Batch(told.device(), told.id()))) {
                fresh.remove(told);
            }
        }
        return fresh;
    }

    private static Set<Source> sources(Told told, Map<String, Device> devices) {
        Set<Source> sources = new HashSet<>();
        for (Point point : told.points()) {
            point.dimensions().forEach(set -> sources.add(source(told, devices.get(told.device()), point, set)));
        }
        return sources;
    }

    private static Source source(Told told, @Nullable Device device, Point point, Dimensions set) {
        return new Source(
                told.cloud(),
                told.device(),
                device == null ? 0 : device.generation(),
                device == null ? null : device.product(),
                point.metric(),
                set);
    }

    private Result sum(
            Told told,
            @Nullable Device device,
            SeriesBook.Found series,
            long[] closed,
            List<Map<WindowKey, WindowSum>> windows) {
        Map<Integer, Refusal> refused = new TreeMap<>();
        boolean moved = device != null && !device.cloud().equals(told.cloud());
        for (int i = 0; i < told.points().size(); i++) {
            Point point = told.points().get(i);
            Spans.Place place = partitions.spans().place(Math.floorDiv(point.millis(), MILLIS), closed);
            Set<Long> ids = new HashSet<>();
            boolean room = true;
            for (Dimensions set : point.dimensions()) {
                List<Long> found = series.of(source(told, device, point, set));
                room &= !found.isEmpty();
                ids.addAll(found);
            }
            if (moved || place == null || !room) {
                refused.put(i, moved ? ANOTHER_CLOUD : place == null ? TOO_OLD : TOO_MANY);
                continue;
            }
            for (long id : ids) {
                windows.get(place.span())
                        .computeIfAbsent(new WindowKey(id, place.start()), key -> new WindowSum())
                        .add(point.measured(), point.millis());
            }
        }
        return new Result(told.points().size() - refused.size(), false, refused);
    }

    private static void save(Connection connection, List<Map<WindowKey, WindowSum>> windows) throws SQLException {
        for (int span = 0; span < windows.size(); span++) {
            List<WindowStore.Entry> entries = new ArrayList<>();
            windows.get(span)
                    .forEach((key, sum) -> entries.add(new WindowStore.Entry(key.series(), key.start(), sum.window())));
            if (!entries.isEmpty()) {
                WindowStore.add(connection, span, entries);
            }
        }
    }
}
