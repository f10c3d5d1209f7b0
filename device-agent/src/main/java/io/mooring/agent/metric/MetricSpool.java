package io.mooring.agent.metric;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.agent.spool.BatchSpool;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongConsumer;

/** Points on their way into batches on the disk. */
final class MetricSpool {
    /** The metric by which a device says how many points it dropped. */
    static final String DROPPED = "agent.points.dropped";

    /** How many points a batch may have: with the one that says how many were dropped, the 1,000 that the cloud takes. */
    private static final int MOST_POINTS = 999;

    /** What a point needs besides its series. */
    private static final int BYTES_OF_POINT = 60;

    /** How many batches' points are kept in memory while the disk takes none. */
    private static final int BATCHES_IN_MEMORY = 4;

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final BatchSpool spool;
    private final Clock clock;
    private final LongConsumer hearer;
    private final Deque<Point> waiting = new ArrayDeque<>();
    private int size;

    /** Whether the disk did not take the last batch. */
    private boolean stuck;

    /** Whether points were dropped, and what came before and after has not all been sent since. */
    private boolean losing;

    /** @param hearer hears when points begin to be dropped, and how many were */
    MetricSpool(BatchSpool spool, Clock clock, LongConsumer hearer) {
        this.spool = spool;
        this.clock = clock;
        this.hearer = hearer;
    }

    private static int size(Point point) {
        return BYTES_OF_POINT + point.series().size();
    }

    private boolean isFull(int batches) {
        return waiting.size() >= batches * MOST_POINTS || size >= batches * BatchSpool.BATCH_BYTES;
    }

    /**
     * Adds a point.
     *
     * @throws IOException if it fills a batch that cannot be written; it is kept in memory, and tried again
     */
    synchronized void add(Point point) throws IOException {
        if (isFull(BATCHES_IN_MEMORY)) {
            size -= size(waiting.removeFirst());
            spool.lose(1);
        }
        waiting.addLast(point);
        size += size(point);
        notifyAll();
        if (isFull(1) && !stuck) {
            seal();
        }
    }

    /** Waits until there is a point that is not on the disk yet. */
    synchronized void awaitPoint() throws InterruptedException {
        while (waiting.isEmpty()) {
            wait();
        }
    }

    /** Puts what was added on the disk; when this returns it is safe. */
    synchronized void seal() throws IOException {
        while (!waiting.isEmpty()) {
            Map<Point.Series, ArrayNode> series = new LinkedHashMap<>();
            int points = 0;
            int bytes = 0;
            for (Point point : waiting) {
                if (points > 0 && (points == MOST_POINTS || bytes + size(point) > BatchSpool.BATCH_BYTES)) {
                    break;
                }
                series.computeIfAbsent(point.series(), first -> JSON.createArrayNode())
                        .addArray()
                        .add(point.millis())
                        .add(point.value());
                points++;
                bytes += size(point);
            }
            stuck = true;
            long lost = spool.append(points, Map.of(), (id, before) -> batch(id, before, series));
            stuck = false;
            for (int i = 0; i < points; i++) {
                waiting.removeFirst();
            }
            size -= bytes;
            boolean begins = lost > 0 && !losing;
            losing = lost > 0 || (losing && spool.waiting() > 1);
            if (begins) {
                // Last, because whoever hears it may record points.
                hearer.accept(lost);
            }
        }
    }

    private ObjectNode batch(String id, long lost, Map<Point.Series, ArrayNode> series) {
        ObjectNode batch = JSON.createObjectNode().put("id", id);
        ArrayNode points = batch.putArray("points");
        if (lost > 0) {
            points.addObject().put("metric", DROPPED).put("value", lost).put("time", clock.millis());
        }
        series.forEach((which, values) -> {
            ObjectNode entry = points.addObject().put("metric", which.metric());
            if (!which.dimensions().isEmpty()) {
                ArrayNode sets = entry.putArray("dimensions");
                which.dimensions().forEach(set -> {
                    ObjectNode names = sets.addObject();
                    set.forEach(names::put);
                });
            }
            entry.set("points", values);
        });
        return batch;
    }

    /** Drops all that waits. */
    synchronized void forget() throws IOException {
        waiting.clear();
        size = 0;
        spool.forget();
    }
}
