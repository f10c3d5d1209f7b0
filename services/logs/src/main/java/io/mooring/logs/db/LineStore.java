package io.mooring.logs.db;

import io.mooring.logs.core.Cursor;
import io.mooring.logs.core.KeptLine;
import io.mooring.logs.core.Level;
import io.mooring.logs.core.Line;
import io.mooring.logs.core.Question;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.postgresql.PGStatement;

/** Lines. */
public final class LineStore {
    private static final String COLUMNS = "seq, cloud, product, device, keep, at, level, source, text, fields";

    /** How much text is read at once, in characters: lines may be long. */
    private static final long MOST_CHARACTERS = 4_000_000;

    private static final int FETCHED = 200;

    /** How many lines at the end are looked at one by one before the index of texts is asked (ADR 41). */
    private static final int LOOKED_AT = 20_000;

    /**
     * Lines that were found.
     *
     * @param isAll whether there are no more of them
     */
    public record Page(List<KeptLine> lines, boolean isAll) {}

    private LineStore() {}

    /** Adds lines, whose numbers are still to come; those of the next are nobody else's until the transaction ends. */
    public static void add(Connection connection, List<KeptLine> lines) throws SQLException {
        long first;
        try (PreparedStatement statement =
                connection.prepareStatement("UPDATE logs.counter SET next = next + ? RETURNING next - ?")) {
            statement.setInt(1, lines.size());
            statement.setInt(2, lines.size());
            try (ResultSet result = statement.executeQuery()) {
                result.next();
                first = result.getLong(1);
            }
        }
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO logs.line (seq, keep, at, cloud, product, device, level, source, text, fields)
                SELECT ? + n - 1, keep, at, cloud, product, device, level, source, text, fields
                FROM unnest(?::smallint[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::smallint[], ?::text[], ?::text[],
                  ?::text[]) WITH ORDINALITY AS u(keep, at, cloud, product, device, level, source, text, fields, n)""")) {
            statement.setLong(1, first);
            statement.setArray(2, array(connection, "int2", lines, line -> (short) line.keep()));
            statement.setArray(
                    3, array(connection, "int8", lines, line -> line.line().millis()));
            statement.setArray(4, array(connection, "text", lines, KeptLine::cloud));
            statement.setArray(5, array(connection, "text", lines, KeptLine::product));
            statement.setArray(6, array(connection, "text", lines, KeptLine::device));
            statement.setArray(7, array(connection, "int2", lines, line ->
                    (short) line.line().level().number()));
            statement.setArray(
                    8, array(connection, "text", lines, line -> line.line().source()));
            statement.setArray(
                    9, array(connection, "text", lines, line -> line.line().text()));
            statement.setArray(
                    10,
                    array(
                            connection,
                            "text",
                            lines,
                            line -> Optional.ofNullable(line.line().fields()).orElse(null)));
            statement.executeUpdate();
        }
    }

    private static Array array(
            Connection connection, String type, List<KeptLine> lines, Function<KeptLine, ? extends Object> value)
            throws SQLException {
        return connection.createArrayOf(type, lines.stream().map(value).toArray());
    }

    /** The number of the newest line. */
    public static long newest(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT next - 1 FROM logs.counter");
                ResultSet result = statement.executeQuery()) {
            return result.next() ? result.getLong(1) : 0;
        }
    }

    /** The lines after one, in the order of their numbers. */
    public static Page after(Connection connection, long seq, int most) throws SQLException {
        return between(connection, seq, Long.MAX_VALUE, most);
    }

    /** The lines after one, up to another. */
    public static Page between(Connection connection, long after, long upto, int most) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT " + COLUMNS + " FROM logs.line WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?")) {
            statement.setLong(1, after);
            statement.setLong(2, upto);
            statement.setInt(3, most);
            return page(statement, most);
        }
    }

    /**
     * Lines that somebody wants.
     *
     * @param oldestFirst whether the oldest come first, and not the newest
     * @param after where the page before ended
     * @param seconds how long it may take
     */
    public static Page find(
            Connection connection,
            Question question,
            boolean oldestFirst,
            Optional<Cursor> after,
            int most,
            int seconds)
            throws SQLException {
        if (!question.texts().isEmpty()) {
            Page near = find(connection, question, oldestFirst, after, most, seconds, true);
            if (!near.isAll() || !isMoreThanNear(connection, question, oldestFirst, after, seconds)) {
                return near;
            }
        }
        return find(connection, question, oldestFirst, after, most, seconds, false);
    }

    private static Page find(
            Connection connection,
            Question question,
            boolean oldestFirst,
            Optional<Cursor> after,
            int most,
            int seconds,
            boolean nearOnly)
            throws SQLException {
        Sql sql = conditions(connection, question, oldestFirst, after);
        String order = oldestFirst ? " ORDER BY at, seq" : " ORDER BY at DESC, seq DESC";
        String from = "logs.line WHERE " + sql.text();
        if (nearOnly) {
            from = "(SELECT * FROM " + from + order + " LIMIT " + LOOKED_AT + ") AS near WHERE true";
        }
        StringBuilder texts = new StringBuilder();
        for (String text : question.texts()) {
            texts.append(" AND text ILIKE ?");
            sql.parameter("%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%");
        }
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT " + COLUMNS + " FROM " + from + texts + order + " LIMIT ?")) {
            // Planned anew each time, with what is asked for: which index is best depends on it.
            statement.unwrap(PGStatement.class).setPrepareThreshold(0);
            statement.setQueryTimeout(seconds);
            sql.parameter(most);
            sql.set(statement);
            return page(statement, most);
        }
    }

    /** Whether more lines than are looked at one by one fit all but the texts; if not, what was found there is all there is. */
    private static boolean isMoreThanNear(
            Connection connection, Question question, boolean oldestFirst, Optional<Cursor> after, int seconds)
            throws SQLException {
        Sql sql = conditions(connection, question, oldestFirst, after);
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT 1 FROM logs.line WHERE " + sql.text() + " OFFSET " + LOOKED_AT + " LIMIT 1")) {
            statement.unwrap(PGStatement.class).setPrepareThreshold(0);
            statement.setQueryTimeout(seconds);
            sql.set(statement);
            try (ResultSet result = statement.executeQuery()) {
                return result.next();
            }
        }
    }

    /** All that is asked of lines but the texts. */
    private static Sql conditions(Connection connection, Question question, boolean oldestFirst, Optional<Cursor> after)
            throws SQLException {
        Sql sql = new Sql(connection);
        sql.add("cloud = ?", question.cloud());
        sql.add("at >= ?", question.from());
        sql.add("at < ?", question.to());
        if (question.device() != null) {
            sql.add("device = ?", question.device());
        }
        if (question.product() != null) {
            sql.add("product = ?", question.product());
        }
        if (!question.reach().isEverything()) {
            sql.addReach(question);
        }
        if (question.source() != null) {
            sql.add("source = ?", question.source());
        }
        if (question.least() != Level.TRACE) {
            // Not a parameter: the index of grave lines is for those of a number that is known when it is planned.
            sql.add("level >= " + question.least().number());
        }
        if (after.isPresent()) {
            sql.add(
                    "(at, seq) " + (oldestFirst ? ">" : "<") + " (?, ?)",
                    after.get().millis(),
                    after.get().seq());
        }
        return sql;
    }

    /** Conditions, with their parameters. */
    private static final class Sql {
        private final Connection connection;
        private final StringBuilder text = new StringBuilder();
        private final List<Object> parameters = new ArrayList<>();

        Sql(Connection connection) {
            this.connection = connection;
        }

        void add(String condition, Object... values) {
            text.append(text.isEmpty() ? "" : " AND ").append(condition);
            parameters.addAll(List.of(values));
        }

        void addReach(Question question) throws SQLException {
            add(
                    "(device = ANY (?) OR product = ANY (?))",
                    connection.createArrayOf("text", question.reach().devices().toArray()),
                    connection.createArrayOf("text", question.reach().products().toArray()));
        }

        void parameter(Object value) {
            parameters.add(value);
        }

        String text() {
            return text.toString();
        }

        void set(PreparedStatement statement) throws SQLException {
            for (int i = 0; i < parameters.size(); i++) {
                statement.setObject(i + 1, parameters.get(i));
            }
        }
    }

    private static Page page(PreparedStatement statement, int most) throws SQLException {
        List<KeptLine> lines = new ArrayList<>();
        long characters = 0;
        // Within a transaction they come bit by bit.
        statement.setFetchSize(FETCHED);
        try (ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                lines.add(new KeptLine(
                        result.getLong(1),
                        result.getString(2),
                        result.getString(3),
                        result.getString(4),
                        result.getInt(5),
                        new Line(
                                result.getLong(6),
                                Level.of(result.getInt(7)),
                                result.getString(8),
                                result.getString(9),
                                result.getString(10))));
                characters += result.getString(9).length();
                if (characters > MOST_CHARACTERS) {
                    return new Page(lines, false);
                }
            }
        }
        return new Page(lines, lines.size() < most);
    }
}
