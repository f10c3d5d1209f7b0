package io.mooring.agent.db;

import io.mooring.contracts.clock.HybridTimestamp;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * How far the device has followed the cloud: the one row of the {@code SyncState} model. It moves on
 * only in a transaction that comes after (or is) the one that took in the rows before it.
 */
public final class SyncProgress {
    /** What a device asks from that never synced. */
    public static final String START = "1970-01-01T00:00:00.000Z";

    private static final String KEY = "state#";

    private SyncProgress() {}

    /** The place to ask from. */
    public static String lastSync(LocalDatabase database) throws SQLException {
        try (ResultSet row = database.statement("SELECT last_sync FROM sync_state WHERE sk = ?", KEY)
                .executeQuery()) {
            String place = row.next() ? row.getString(1) : null;
            return place == null ? START : place;
        }
    }

    /** All before this place is here. */
    public static void reached(LocalDatabase database, String place, long nowMillis) throws SQLException {
        database.statement(
                        "INSERT INTO sync_state (sk, last_sync, last_update) VALUES (?, ?, ?) ON CONFLICT (sk) DO UPDATE"
                                + " SET last_sync = excluded.last_sync, last_update = excluded.last_update",
                        KEY,
                        place,
                        HybridTimestamp.formatMillis(nowMillis))
                .executeUpdate();
    }

    /**
     * Places are texts that sort; an acknowledgement never takes the device back, nor does it tell one that has forgotten
     * its place what it lacks.
     */
    public static void reachedAtLeast(LocalDatabase database, String place, long nowMillis) throws SQLException {
        String last = lastSync(database);
        if (!last.equals(START) && place.compareTo(last) > 0) {
            reached(database, place, nowMillis);
        }
    }

    /** Has the device ask for everything next time. */
    public static void forget(LocalDatabase database) throws SQLException {
        database.statement("DELETE FROM sync_state").executeUpdate();
    }
}
