package io.mooring.logs;

import io.mooring.chassis.db.Database;
import io.mooring.logs.core.KeptLine;
import io.mooring.logs.core.Line;
import io.mooring.logs.core.Refusal;
import io.mooring.logs.core.Retention;
import io.mooring.logs.db.BatchStore;
import io.mooring.logs.db.DeviceStore;
import io.mooring.logs.db.DeviceStore.Device;
import io.mooring.logs.db.LineStore;
import io.mooring.logs.db.PartitionStore.Part;
import io.mooring.logs.db.PositionStore;
import io.mooring.logs.db.RetentionStore;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
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

/** Takes lines: each once, all of a batch in one transaction, with how far the topic was read. */
@Singleton
public class IngestHandler {
    /** There is no table for a line any more: somebody dropped it. */
    private static final String NO_PARTITION = "23514";

    private static final Refusal OVER =
            new Refusal("time-out-of-range", "the line is older than lines of this product are kept");

    /** Where in a topic something stands. */
    public record Origin(String topicId, int partition, long offset) {}

    /**
     * Lines of one device.
     *
     * @param id by which they are known if they come again; null if they have none
     * @param origin where they were read; null if not of Kafka
     */
    public record Told(
            String cloud,
            String device,
            @Nullable String id,
            List<Line> lines,
            @Nullable Origin origin) {}

    /**
     * What became of them.
     *
     * @param taken how many are kept now
     * @param repeated whether they had been taken before
     * @param refused by the place in the list, why others are not kept
     */
    public record Result(int taken, boolean repeated, Map<Integer, Refusal> refused) {}

    private final Database database;
    private final Partitions partitions;
    private final Followers followers;
    private final LogMetrics metrics;
    private final int retentionDays;
    private final Clock clock = Clock.systemUTC();

    public IngestHandler(
            Database database, Partitions partitions, Followers followers, LogMetrics metrics, LogsConfig config) {
        this.database = database;
        this.partitions = partitions;
        this.followers = followers;
        this.metrics = metrics;
        this.retentionDays = config.retentionDays();
    }

    private record Read(Told told, Origin origin) {}

    /**
     * Takes lines; when it returns, all is committed.
     *
     * @param by how they came, for what is counted
     */
    public List<Result> take(String by, List<Told> batch) throws SQLException {
        Instant now = clock.instant();
        // Read before, apart: what is set meanwhile holds from the next batch on.
        RetentionStore.Set retention = database.read(connection -> RetentionStore.all(connection, retentionDays));
        Map<String, Device> devices = database.read(connection ->
                DeviceStore.find(connection, batch.stream().map(Told::device).collect(Collectors.toSet())));
        IdentityHashMap<Told, List<KeptLine>> kept = new IdentityHashMap<>();
        IdentityHashMap<Told, Map<Integer, Refusal>> refused = new IdentityHashMap<>();
        Set<Part> parts = new HashSet<>();
        for (Told told : batch) {
            Device device = devices.get(told.device());
            String product = device != null && device.cloud().equals(told.cloud()) ? device.product() : null;
            int keep = retention.days(told.cloud(), product);
            List<KeptLine> lines = new ArrayList<>(told.lines().size());
            Map<Integer, Refusal> over = new TreeMap<>();
            for (int i = 0; i < told.lines().size(); i++) {
                Line line = told.lines().get(i);
                long day = Retention.day(line.millis());
                if (Retention.isOver(day, keep, now.toEpochMilli())) {
                    over.put(i, OVER);
                } else {
                    parts.add(new Part(keep, day));
                    lines.add(new KeptLine(0, told.cloud(), product == null ? "" : product, told.device(), keep, line));
                }
            }
            kept.put(told, lines);
            refused.put(told, over);
        }
        partitions.ready(parts);
        List<Result> results;
        try {
            results = database.transact(connection -> save(connection, batch, kept, refused, now));
        } catch (SQLException failed) {
            if (NO_PARTITION.equals(failed.getSQLState())) {
                partitions.forget();
            }
            throw failed;
        }
        for (Result result : results) {
            metrics.taken(by, result.taken());
            if (result.repeated()) {
                metrics.repeated();
            }
            result.refused().values().forEach(refusal -> metrics.refused(refusal.code()));
        }
        followers.wake();
        return results;
    }

    private static List<Result> save(
            Connection connection,
            List<Told> batch,
            IdentityHashMap<Told, List<KeptLine>> kept,
            IdentityHashMap<Told, Map<Integer, Refusal>> refused,
            Instant now)
            throws SQLException {
        Set<Told> fresh = fresh(connection, batch, now);
        List<KeptLine> lines = new ArrayList<>();
        List<Result> results = new ArrayList<>();
        for (Told told : batch) {
            if (fresh.contains(told)) {
                List<KeptLine> own = kept.getOrDefault(told, List.of());
                lines.addAll(own);
                results.add(new Result(own.size(), false, refused.getOrDefault(told, Map.of())));
            } else {
                results.add(new Result(0, told.id() != null, Map.of()));
            }
        }
        if (!lines.isEmpty()) {
            LineStore.add(connection, lines);
        }
        return results;
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
}
