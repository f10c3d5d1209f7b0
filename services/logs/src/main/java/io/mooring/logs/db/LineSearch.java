package io.mooring.logs.db;

import io.mooring.logs.core.Cursor;
import io.mooring.logs.core.KeptLine;
import io.mooring.logs.core.Level;
import io.mooring.logs.core.Question;
import io.mooring.logs.core.Span;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.postgresql.PGStatement;

/** Finds lines that somebody wants. */
public final class LineSearch {
    /** How many lines at the end of a span are looked at one by one before the index of texts is asked (ADR 41). */
    private static final int LOOKED_AT = 20_000;

    private final Connection connection;
    private final boolean oldestFirst;
    private final Optional<Cursor> after;
    private final Instant end;

    private LineSearch(Connection connection, boolean oldestFirst, Optional<Cursor> after, Instant end) {
        this.connection = connection;
        this.oldestFirst = oldestFirst;
        this.after = after;
        this.end = end;
    }

    /**
     * Lines that somebody wants, sought in one span of time after the other until there are enough.
     *
     * @param oldestFirst whether the oldest come first, and not the newest
     * @param after where the page before ended
     * @param patience how long it may take
     * @throws SQLException of state 57014 (query_canceled) if it takes longer
     */
    public static LineStore.Page find(
            Connection connection,
            Question question,
            boolean oldestFirst,
            Optional<Cursor> after,
            int most,
            Duration patience)
            throws SQLException {
        LineSearch search =
                new LineSearch(connection, oldestFirst, after, Instant.now().plus(patience));
        List<KeptLine> found = new ArrayList<>();
        for (Span span : Span.of(question, oldestFirst, after, System.currentTimeMillis())) {
            LineStore.Page page = search.find(question.within(span), most - found.size());
            found.addAll(page.lines());
            if (!page.isAll()) {
                return new LineStore.Page(found, false);
            }
        }
        return new LineStore.Page(found, true);
    }

    private LineStore.Page find(Question question, int most) throws SQLException {
        if (!question.texts().isEmpty()) {
            LineStore.Page near = find(question, most, true);
            if (!near.isAll() || !isMoreThanNear(question)) {
                return near;
            }
        }
        return find(question, most, false);
    }

    private LineStore.Page find(Question question, int most, boolean nearOnly) throws SQLException {
        Sql sql = conditions(question);
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
        sql.parameter(most);
        try (PreparedStatement statement =
                prepare("SELECT " + LineStore.COLUMNS + " FROM " + from + texts + order + " LIMIT ?", sql)) {
            return LineStore.page(statement, most);
        }
    }

    /** Whether more lines than are looked at one by one fit all but the texts; if not, what was found there is all there is. */
    private boolean isMoreThanNear(Question question) throws SQLException {
        Sql sql = conditions(question);
        try (PreparedStatement statement = prepare(
                        "SELECT 1 FROM logs.line WHERE " + sql.text() + " OFFSET " + LOOKED_AT + " LIMIT 1", sql);
                ResultSet result = statement.executeQuery()) {
            return result.next();
        }
    }

    private PreparedStatement prepare(String text, Sql sql) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(text);
        // Planned anew each time, with what is asked for: which tables and which index are best depends on it.
        statement.unwrap(PGStatement.class).setPrepareThreshold(0);
        statement.setQueryTimeout(
                (int) Math.max(1, Duration.between(Instant.now(), end).toSeconds()));
        sql.set(statement);
        return statement;
    }

    /** All that is asked of lines but the texts. */
    private Sql conditions(Question question) throws SQLException {
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
}
