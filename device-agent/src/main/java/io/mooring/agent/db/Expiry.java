package io.mooring.agent.db;

import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.schema.Direction;
import io.mooring.contracts.schema.FieldType;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows whose time has come, and removals that are long past. The device forgets them by itself, on-line or not, and
 * says nothing of it: the cloud knows when they expire as well, and should it have prolonged a row, it tells of it.
 */
public final class Expiry {
    /** By how much the device's clock may be ahead of others' without a row going too early. */
    static final Duration TOLERANCE = Duration.ofMinutes(5);

    /** How long the device remembers that a row was removed. */
    static final Duration REMOVALS_KEPT = Duration.ofDays(90);

    private static final int MOST_AT_ONCE = 500;

    /** A row that is gone. */
    public record Gone(String model, String key) {}

    private Expiry() {}

    /** Whether there is something to forget. Nothing is while the cloud does not believe the device's clock. */
    public static boolean isDue(LocalDatabase database, long nowMillis) throws SQLException {
        if (isClockDoubted(database)) {
            return false;
        }
        for (TableLayout layout : database.layouts().values()) {
            if (expires(layout) && !expired(database, layout, nowMillis, 1).isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Forgets rows that have expired, and whatever of them waits to go up. Must run in an unnoticed transaction,
     * after the queue took in what was written before.
     */
    public static List<Gone> forget(LocalDatabase database, RowStore rows, long nowMillis) throws SQLException {
        List<Gone> gone = new ArrayList<>();
        for (TableLayout layout : database.layouts().values()) {
            if (expires(layout)) {
                for (String key : expired(database, layout, nowMillis, MOST_AT_ONCE)) {
                    rows.forget(database, layout, key);
                    gone.add(new Gone(layout.model().name(), key));
                }
            }
        }
        if (!gone.isEmpty()) {
            Settings.put(database, Settings.EXPIRED, "1");
        }
        return gone;
    }

    private static boolean expires(TableLayout layout) {
        return layout.model().sync() != Direction.NONE && layout.model().ttl().isPresent();
    }

    private static List<String> expired(LocalDatabase database, TableLayout layout, long nowMillis, int most)
            throws SQLException {
        TableLayout.Column column =
                layout.columns().get(layout.model().ttl().orElseThrow().name());
        List<String> keys = new ArrayList<>();
        if (column == null) {
            return keys;
        }
        long before = nowMillis - TOLERANCE.toMillis();
        String name = TableSql.name(column.name());
        boolean date = column.type() == FieldType.DATE;
        String sql = "SELECT sk FROM " + TableSql.name(layout.table()) + " WHERE " + name
                + " IS NOT NULL AND sk IS NOT NULL AND "
                + (date
                        ? "julianday(" + name + ") < julianday(?)"
                        : "typeof(" + name + ") <> 'text' AND " + name + " < ?")
                + " LIMIT " + most;
        Object bound = date ? HybridTimestamp.formatMillis(before) : (Object) (before / 1000);
        try (ResultSet row = database.statement(sql, bound).executeQuery()) {
            while (row.next()) {
                keys.add(row.getString(1));
            }
        }
        return keys;
    }

    /** Forgets that rows were removed, where that is long past and the cloud knows of it. */
    public static void forgetRemovals(LocalDatabase database, long nowMillis) throws SQLException {
        if (isClockDoubted(database)) {
            return;
        }
        String before = HybridTimestamp.formatMillis(nowMillis - REMOVALS_KEPT.toMillis());
        for (TableLayout layout : database.layouts().values()) {
            database.statement(
                            "DELETE FROM _clock WHERE model = ? AND json_extract(clock, '$.\"-\"') < ?"
                                    + " AND NOT EXISTS (SELECT 1 FROM " + TableSql.name(layout.table())
                                    + " AS t WHERE t.sk = _clock.sk) AND NOT EXISTS (SELECT 1 FROM _pending AS p"
                                    + " WHERE p.model = _clock.model AND p.sk = _clock.sk)",
                            layout.model().name(),
                            before)
                    .executeUpdate();
        }
    }

    private static boolean isClockDoubted(LocalDatabase database) throws SQLException {
        return "1".equals(Settings.get(database, Settings.CLOCK_DOUBTED));
    }

    /**
     * The cloud did not believe when a row was written: the device's clock is ahead.
     *
     * @return whether something has expired by it, maybe too early: the device has to ask for everything anew
     */
    public static boolean clockDoubted(LocalDatabase database) throws SQLException {
        Settings.put(database, Settings.CLOCK_DOUBTED, "1");
        boolean expired = "1".equals(Settings.get(database, Settings.EXPIRED));
        if (expired) {
            Settings.put(database, Settings.EXPIRED, "0");
        }
        return expired;
    }

    /** The cloud believes the device's clock. */
    public static void clockBelieved(LocalDatabase database) throws SQLException {
        if (isClockDoubted(database)) {
            Settings.put(database, Settings.CLOCK_DOUBTED, "0");
        }
    }
}
