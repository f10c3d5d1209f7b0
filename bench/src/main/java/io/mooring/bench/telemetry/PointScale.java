package io.mooring.bench.telemetry;

import io.mooring.bench.telemetry.TelemetryStack.Cost;
import io.mooring.bench.telemetry.TelemetryStack.Said;
import io.mooring.contracts.kafka.Topic;
import io.mooring.contracts.mqtt.DeviceTopics;
import io.mooring.devstack.launcher.Component;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * What a point and a question of metrics cost. Each size begins with empty windows, series that are known, and as much history as is
 * asked for.
 */
final class PointScale {
    private static final int MESSAGE = 20;
    private static final int ROUND = 5_000;

    /** Points are of the last minutes, so that there are as many windows to add to as in a while of life. */
    private static final int TIMES = 10;

    private static final int WINDOW_SECONDS = 30;

    private final TelemetryStack stack;
    private final int points;
    private final int questions;
    private final Random random = new Random(5);
    private byte[] sketch = {};

    /**
     * How much there is.
     *
     * @param series metrics that each device tells
     * @param hours of history that each series has
     */
    record Size(int devices, int series, int hours) {}

    /**
     * What was seen.
     *
     * @param stored how many windows there were before
     */
    record Seen(Size size, long stored, Cost point, Cost question) {}

    /**
     * Measures points.
     *
     * @param points how many are told for each size
     * @param questions how many are asked for each size
     */
    PointScale(TelemetryStack stack, int points, int questions) {
        this.stack = stack;
        this.points = points;
        this.questions = questions;
    }

    static String device(int number) {
        return "SCALE%05d".formatted(number);
    }

    Seen measure(Size size) throws Exception {
        know(size);
        clear();
        if (size.hours() > 0) {
            remember(size.hours());
        }
        long stored = windows("count(*)");
        long before = windows("sum(count) FILTER (WHERE s.kind = 'device')");
        Cost point = stack.cost(Component.METRICS, points, () -> tell(size, points, TIMES));
        long counted = windows("sum(count) FILTER (WHERE s.kind = 'device')") - before;
        if (counted != points) {
            throw new IllegalStateException("of " + points + " points " + counted + " are counted");
        }
        Cost question = stack.cost(Component.METRICS, questions, () -> ask(size));
        if (sketch.length == 0) {
            sketch = sketch();
        }
        return new Seen(size, stored, point, question);
    }

    /** Has each series told once, so that it is known. */
    private void know(Size size) throws Exception {
        long known = stack.number("SELECT count(*) FROM metrics.series WHERE kind = 'device' AND owner < '"
                + device(size.devices()) + "' AND metric < '" + metric(size.series()) + "'");
        long wanted = (long) size.devices() * size.series();
        if (known < wanted) {
            tell(size, (int) wanted, 1);
        }
    }

    private void clear() throws SQLException {
        try (Connection connection = stack.superuser();
                PreparedStatement tables = connection.prepareStatement(
                        "SELECT string_agg('metrics.window_' || span, ', ') FROM metrics.span");
                ResultSet result = tables.executeQuery()) {
            result.next();
            stack.execute("postgres", "TRUNCATE " + result.getString(1));
        }
    }

    /** Gives every series the windows that it would have if it had been told all that time, of the spans that they would be in now. */
    private void remember(int hours) throws SQLException {
        long spans = stack.number("SELECT count(*) FROM metrics.span");
        try (Connection connection = stack.superuser()) {
            for (int span = 1; span < spans; span++) {
                try (PreparedStatement statement = connection.prepareStatement("""
                        INSERT INTO metrics.window_%1$d (series, start, count, sum, min, max, last, last_millis, sketch)
                        SELECT s.id, w.start, w.bucket / 30, w.bucket / 30 * 20.0, 17, 23, 20, (w.start + w.bucket - 1) * 1000, ?
                          FROM (
                            SELECT p.bucket, generate_series(
                                (greatest(own.folded, extract(epoch FROM now())::bigint - ? * 3600) + p.bucket - 1) / p.bucket * p.bucket,
                                finer.folded - 1,
                                p.bucket) AS start
                              FROM metrics.span p
                              JOIN metrics.fold own USING (span)
                              JOIN metrics.fold finer ON finer.span = p.span - 1
                             WHERE p.span = %1$d) w
                          CROSS JOIN metrics.series s
                         ORDER BY w.start, s.id""".formatted(span))) {
                    statement.setBytes(1, sketch);
                    statement.setLong(2, hours);
                    statement.executeUpdate();
                }
            }
        }
    }

    /** A number of all windows there are. */
    private long windows(String what) {
        long spans = stack.number("SELECT count(*) FROM metrics.span");
        StringBuilder all = new StringBuilder();
        for (int span = 0; span < spans; span++) {
            all.append(span == 0 ? "" : " UNION ALL ").append("SELECT series, count FROM metrics.window_" + span);
        }
        return stack.number("SELECT coalesce(" + what + ", 0)::bigint FROM (" + all
                + ") w JOIN metrics.series s ON s.id = w.series");
    }

    /** The sketch of a window as points have made it. */
    private byte[] sketch() throws SQLException {
        try (Connection connection = stack.superuser();
                PreparedStatement statement = connection.prepareStatement("""
                        SELECT w.sketch FROM metrics.window_0 w JOIN metrics.series s ON s.id = w.series
                         WHERE s.kind = 'device' LIMIT 1""");
                ResultSet result = statement.executeQuery()) {
            result.next();
            return result.getBytes(1);
        }
    }

    /** Devices tell all their metrics, one device after the other, over and over; each time they do is another than the last. */
    private void tell(Size size, int count, int times) throws Exception {
        long now = System.currentTimeMillis();
        List<Iterable<Said>> rounds = new ArrayList<>();
        List<Said> round = new ArrayList<>();
        int timesAtOnce = Math.min(times, Math.max(1, MESSAGE / size.series()));
        StringBuilder message = new StringBuilder();
        int told = 0;
        int inMessage = 0;
        for (int report = 0; told < count; report++) {
            String device = device(report % size.devices());
            int pass = report / size.devices() * timesAtOnce;
            for (int i = 0; i < timesAtOnce * size.series() && told < count; i++) {
                long time = now - (pass + i / size.series()) % times * (long) (WINDOW_SECONDS * 1_000);
                message.append(inMessage == 0 ? "{\"points\":[" : ",").append(point(i % size.series(), time));
                told++;
                if (++inMessage == MESSAGE || i + 1 == timesAtOnce * size.series() || told == count) {
                    round.add(new Said(
                            device,
                            DeviceTopics.METRIC_BATCH,
                            message.append("]}").toString().getBytes(StandardCharsets.UTF_8)));
                    message.setLength(0);
                    inMessage = 0;
                }
            }
            if (told / ROUND > rounds.size()) {
                rounds.add(List.copyOf(round));
                round.clear();
            }
        }
        rounds.add(round);
        stack.sayAll(Topic.METRIC_UPLINK, "metrics.position", rounds);
    }

    private String point(int metric, long time) {
        return String.format(
                Locale.ROOT,
                "{\"metric\":\"%s\",\"value\":%.2f,\"time\":%d}",
                metric(metric),
                20 + random.nextGaussian(),
                time);
    }

    private static String metric(int number) {
        return "metric%03d".formatted(number);
    }

    /** The last hour of series here and there. */
    private void ask(Size size) throws Exception {
        for (int i = 0; i < questions; i++) {
            stack.askMetrics("/v1/clouds/main/metrics/" + metric(random.nextInt(size.series())) + "?device="
                    + device(random.nextInt(size.devices())));
        }
    }
}
