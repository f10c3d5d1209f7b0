package io.mooring.bench.telemetry;

import io.mooring.bench.log.LineTexts;
import io.mooring.bench.telemetry.TelemetryStack.Cost;
import io.mooring.bench.telemetry.TelemetryStack.Said;
import io.mooring.contracts.kafka.Topic;
import io.mooring.contracts.mqtt.DeviceTopics;
import io.mooring.devstack.launcher.Component;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** What a line and a search for lines cost. Each size begins with as many lines as its devices say in its days, and no others. */
final class LineScale {
    /** The least of the numbers of days that lines can be kept which is more than a hundred. */
    private static final int KEPT_DAYS = 120;

    private static final int A_DAY = 200;
    private static final int MESSAGE = 20;
    private static final int ROUND = 5_000;
    private static final long DAY_MILLIS = 86_400_000;
    private static final Map<String, Integer> NUMBERS = Map.of("debug", 1, "info", 2, "warn", 3, "error", 4);

    private final TelemetryStack stack;
    private final int lines;
    private final int questions;
    private final Random random = new Random(7);

    /**
     * How much there is.
     *
     * @param days of history, of which today is one; each device said 200 lines on each
     */
    record Size(int devices, int days) {
        long stored() {
            return (long) devices * days * A_DAY;
        }
    }

    /**
     * What was seen.
     *
     * @param newest the newest hundred lines of a device
     * @param word those of a device with some word in them
     */
    record Seen(Size size, Cost line, Cost newest, Cost word) {}

    /**
     * Measures lines.
     *
     * @param lines how many are said for each size
     * @param questions how many are asked for each size
     */
    LineScale(TelemetryStack stack, int lines, int questions) {
        this.stack = stack;
        this.lines = lines;
        this.questions = questions;
    }

    /** Has lines kept for so long that there can be a hundred days of them. */
    void prepare() throws Exception {
        stack.keepLines(KEPT_DAYS);
        // With them come the tables.
        say(new Size(1, 1), MESSAGE);
    }

    Seen measure(Size size) throws Exception {
        clear();
        LocalDate today = LocalDate.now(ZoneOffset.UTC);
        for (int day = 0; day < size.days(); day++) {
            remember(size, today.minusDays(day));
        }
        Cost line = stack.cost(Component.LOGS, lines, () -> {
            say(size, lines);
            // What the index of texts has put off is part of it.
            stack.execute("mooring_logs", """
                    SELECT gin_clean_pending_list(i.indexrelid) FROM pg_index i
                      JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
                     WHERE a.amname = 'gin' AND i.indrelid = '%s'::regclass""".formatted(table(today)));
        });
        long found = stack.number("SELECT count(*) FROM logs.line") - size.stored();
        if (found != lines) {
            throw new IllegalStateException("of " + lines + " lines " + found + " are there");
        }
        Cost newest = stack.cost(Component.LOGS, questions, () -> ask(size, ""));
        Cost word = stack.cost(Component.LOGS, questions, () -> ask(size, "&text=certificate"));
        return new Seen(size, line, newest, word);
    }

    private static String table(LocalDate day) {
        return "logs.line_" + KEPT_DAYS + "_" + day.format(DateTimeFormatter.BASIC_ISO_DATE);
    }

    private void clear() throws SQLException {
        stack.execute("mooring_logs", """
                DO $$
                DECLARE part text;
                BEGIN
                  FOR part IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'logs.line_%d'::regclass LOOP
                    EXECUTE 'DROP TABLE ' || part;
                  END LOOP;
                END $$""".formatted(KEPT_DAYS));
    }

    /** Lines of a day, as the service has them. They are put into a table that gets its indexes afterwards, which is quicker. */
    private void remember(Size size, LocalDate day) throws SQLException {
        long midnight = day.atStartOfDay().toInstant(ZoneOffset.UTC).toEpochMilli();
        long end = Math.min(midnight + DAY_MILLIS, Instant.now().toEpochMilli());
        int count = size.devices() * A_DAY;
        try (Connection connection = stack.devstack().connection("mooring_logs");
                Statement statement = connection.createStatement()) {
            statement.execute("SET maintenance_work_mem = '512MB'");
            statement.execute("CREATE TABLE " + table(day) + " (LIKE logs.line)");
            for (int from = 0; from < count; from += ROUND) {
                insert(connection, size, table(day), midnight, end - midnight, from, Math.min(count, from + ROUND));
            }
            statement.execute("ALTER TABLE logs.line_" + KEPT_DAYS + " ATTACH PARTITION " + table(day)
                    + " FOR VALUES FROM (" + midnight + ") TO (" + (midnight + DAY_MILLIS) + ")");
        }
    }

    private void insert(Connection connection, Size size, String table, long midnight, long millis, int from, int to)
            throws SQLException {
        List<Long> at = new ArrayList<>();
        List<String> devices = new ArrayList<>();
        List<Integer> levels = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        for (int i = from; i < to; i++) {
            at.add(midnight + millis * i / (size.devices() * A_DAY));
            devices.add(PointScale.device(i % size.devices()));
            levels.add(NUMBERS.get(LineTexts.level(random)));
            texts.add(LineTexts.text(random));
        }
        try (PreparedStatement statement = connection.prepareStatement("""
                WITH taken AS (UPDATE logs.counter SET next = next + ? RETURNING next)
                INSERT INTO %s (seq, keep, at, cloud, product, device, level, source, text)
                SELECT taken.next - n, ?, at, 'main', 'P', device, level, 'app', text
                  FROM taken, unnest(?::bigint[], ?::text[], ?::smallint[], ?::text[]) WITH ORDINALITY
                    AS u(at, device, level, text, n)""".formatted(table))) {
            statement.setInt(1, to - from);
            statement.setInt(2, KEPT_DAYS);
            statement.setArray(3, connection.createArrayOf("int8", at.toArray()));
            statement.setArray(4, connection.createArrayOf("text", devices.toArray()));
            statement.setArray(5, connection.createArrayOf("int2", levels.toArray()));
            statement.setArray(6, connection.createArrayOf("text", texts.toArray()));
            statement.executeUpdate();
        }
    }

    /** Devices say lines, one device after the other, over and over. */
    private void say(Size size, int count) throws Exception {
        List<Iterable<Said>> rounds = new ArrayList<>();
        for (int from = 0; from < count; from += ROUND) {
            List<Said> round = new ArrayList<>();
            for (int at = from; at < Math.min(count, from + ROUND); at += MESSAGE) {
                StringBuilder json = new StringBuilder("{\"source\":\"app\",\"lines\":[");
                for (int i = at; i < Math.min(count, at + MESSAGE); i++) {
                    json.append(i == at ? "" : ",")
                            .append("{\"level\":\"")
                            .append(LineTexts.level(random))
                            .append("\",\"text\":\"")
                            .append(LineTexts.text(random))
                            .append("\"}");
                }
                round.add(new Said(
                        PointScale.device(at / MESSAGE % size.devices()),
                        DeviceTopics.LOG_BATCH,
                        json.append("]}").toString().getBytes(StandardCharsets.UTF_8)));
            }
            rounds.add(round);
        }
        stack.sayAll(Topic.LOG_UPLINK, "logs.position", rounds);
    }

    private void ask(Size size, String more) throws Exception {
        for (int i = 0; i < questions; i++) {
            stack.askLogs("/v1/clouds/main/logs?device=" + PointScale.device(random.nextInt(size.devices())) + more);
        }
    }
}
