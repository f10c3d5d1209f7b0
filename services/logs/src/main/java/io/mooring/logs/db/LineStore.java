package io.mooring.logs.db;

import io.mooring.logs.core.KeptLine;
import io.mooring.logs.core.Level;
import io.mooring.logs.core.Line;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Lines. */
public final class LineStore {
    static final String COLUMNS = "seq, cloud, product, device, keep, at, level, source, text, fields";

    /** How much text is read at once, in characters: lines may be long. */
    private static final long MOST_CHARACTERS = 4_000_000;

    private static final int FETCHED = 200;

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

    /** What a question for {@link #COLUMNS} finds; whether that is all is known from how many were wanted. */
    static Page page(PreparedStatement statement, int most) throws SQLException {
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
