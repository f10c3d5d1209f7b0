package io.mooring.metrics;

import io.mooring.chassis.db.Database;
import io.mooring.metrics.core.Dimensions;
import io.mooring.metrics.core.MetricQuestion;
import io.mooring.metrics.core.Owner;
import io.mooring.metrics.core.Series;
import io.mooring.metrics.core.SeriesKey;
import io.mooring.metrics.core.Span;
import io.mooring.metrics.core.Spans;
import io.mooring.metrics.core.Statistic;
import io.mooring.metrics.core.Window;
import io.mooring.metrics.db.DeviceStore;
import io.mooring.metrics.db.SeriesStore;
import io.mooring.metrics.db.WindowStore;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Answers what is asked of metrics. */
@Singleton
public class QueryHandler {
    /** The most series that one question may add up. */
    public static final int MOST_SERIES = 1_000;

    private final Database database;
    private final Spans spans;

    public QueryHandler(Database database, Partitions partitions) {
        this.database = database;
        this.spans = partitions.spans();
    }

    /**
     * What somebody asks.
     *
     * @param of the metric of an owner; its dimensions are those a series must have
     * @param groupBy the one dimension more by whose values the answer is told apart; null for none
     * @param periodSeconds how far back
     * @param endSeconds from when, in seconds since 1970
     */
    public record Question(SeriesKey of, @Nullable String groupBy, long periodSeconds, long endSeconds) {}

    /** An answer: which span it is of, and the series. */
    public record Answer(Span span, long start, List<Series> series) {}

    /** A device, as far as questions need it. */
    public Optional<DeviceStore.Device> device(String id) throws SQLException {
        return database.read(connection -> DeviceStore.find(connection, id));
    }

    /** What a device asks: one number; 0 if there is no such series, or it has no values. */
    public double value(String cloud, String device, MetricQuestion question, long nowSeconds) throws SQLException {
        return database.read(connection -> {
            int generation = question.owner().kind() == Owner.Kind.DEVICE
                    ? DeviceStore.find(connection, device)
                            .map(DeviceStore.Device::generation)
                            .orElse(0)
                    : 0;
            SeriesKey key =
                    new SeriesKey(cloud, question.owner(), generation, question.metric(), question.dimensions());
            Long id = SeriesStore.find(connection, List.of(key)).get(key);
            if (id == null) {
                return 0.0;
            }
            if (question.statistic() == Statistic.LAST) {
                return newest(connection, List.of(id), nowSeconds).value(Statistic.LAST);
            }
            int index = spans.answering(question.periodSeconds());
            Span span = spans.get(index);
            long from = span.firstStart(nowSeconds);
            List<Window> windows = WindowStore.find(connection, index, List.of(id), from, from + span.period()).stream()
                    .map(WindowStore.Entry::window)
                    .toList();
            return Window.of(windows).value(question.statistic());
        });
    }

    private Window newest(Connection connection, Collection<Long> series, long nowSeconds) throws SQLException {
        Window newest = Window.EMPTY;
        for (WindowStore.Entry entry : WindowStore.newest(connection, spans.size(), series, nowSeconds)) {
            if (entry.window().lastMillis() > newest.lastMillis()) {
                newest = entry.window();
            }
        }
        return newest;
    }

    /** The series of a metric, over time. */
    public Answer series(Question question) throws SQLException {
        return database.read(connection -> {
            Map<Dimensions, List<Long>> groups = groups(connection, question);
            int index = spans.answering(question.periodSeconds());
            Span span = spans.get(index);
            long from = span.firstStart(question.endSeconds());
            List<Series> series = new ArrayList<>();
            List<Long> all = groups.values().stream().flatMap(List::stream).toList();
            Map<Long, List<WindowStore.Entry>> windows = new HashMap<>();
            for (WindowStore.Entry entry : WindowStore.find(connection, index, all, from, from + span.period())) {
                windows.computeIfAbsent(entry.series(), id -> new ArrayList<>()).add(entry);
            }
            for (Map.Entry<Dimensions, List<Long>> group : groups.entrySet()) {
                List<WindowStore.Entry> entries = group.getValue().stream()
                        .flatMap(id -> windows.getOrDefault(id, List.of()).stream())
                        .toList();
                Window newest = newest(connection, group.getValue(), question.endSeconds());
                series.add(series(group.getKey(), span, entries, newest));
            }
            return new Answer(span, from, series);
        });
    }

    private static Series series(Dimensions dimensions, Span span, List<WindowStore.Entry> entries, Window newest) {
        Map<Long, List<Window>> buckets = new TreeMap<>();
        for (WindowStore.Entry entry : entries) {
            buckets.computeIfAbsent(span.start(entry.start()), start -> new ArrayList<>())
                    .add(entry.window());
        }
        List<Series.At> windows = new ArrayList<>();
        buckets.forEach((start, of) -> windows.add(new Series.At(start, Window.of(of))));
        Window total = Window.of(windows.stream().map(Series.At::window).toList());
        return new Series(
                dimensions,
                windows,
                new Window(
                        total.count(),
                        total.sum(),
                        total.min(),
                        total.max(),
                        newest.last(),
                        newest.lastMillis(),
                        total.sketch()));
    }

    /** The numbers of the series that are asked for, by what they are grouped by, in its order. */
    private static Map<Dimensions, List<Long>> groups(Connection connection, Question question) throws SQLException {
        String groupBy = question.groupBy();
        Map<Dimensions, List<Long>> groups = new TreeMap<>(Comparator.comparing(Dimensions::text));
        if (groupBy == null) {
            Long id = SeriesStore.find(connection, List.of(question.of())).get(question.of());
            groups.put(question.of().dimensions(), id == null ? List.of() : List.of(id));
            return groups;
        }
        long after = 0;
        List<SeriesStore.Listed> page;
        do {
            page = SeriesStore.list(connection, question.of(), true, after, MOST_SERIES);
            for (SeriesStore.Listed listed : page) {
                String value = listed.dimensions().values().get(groupBy);
                if (value != null
                        && listed.dimensions()
                                .without(groupBy)
                                .equals(question.of().dimensions())
                        && groups.size() < MOST_SERIES) {
                    groups.computeIfAbsent(Dimensions.of(Map.of(groupBy, value)), group -> new ArrayList<>())
                            .add(listed.id());
                }
                after = listed.id();
            }
        } while (page.size() == MOST_SERIES);
        return groups;
    }

    /** The series an owner has, in pages. */
    public List<SeriesStore.Listed> list(SeriesKey of, long after, int most) throws SQLException {
        return database.read(
                connection -> SeriesStore.list(connection, of, !of.metric().isEmpty(), after, most));
    }
}
