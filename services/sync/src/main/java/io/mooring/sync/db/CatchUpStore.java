package io.mooring.sync.db;

import io.mooring.contracts.sync.StreamPosition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Catch-ups that are owed. Kept here rather than in Kafka so that a long one holds up nobody and one that
 * was cut short is taken up again.
 */
public final class CatchUpStore {
    /**
     * A catch-up that is owed.
     *
     * @param since what the device said of where it stands
     * @param origin the record in which it asked, empty if it did not
     * @param asked how often it asked; if it asks again meanwhile it is owed another
     * @param askedFor whether the device waits for it, and is to be told that it has all
     * @param request the number by which the device knows the answer, if it gave one
     */
    public record CatchUp(
            String device,
            String cloud,
            @Nullable String account,
            String since,
            String origin,
            long asked,
            boolean askedFor,
            @Nullable Long request) {}

    /**
     * How far one is.
     *
     * @param head the head of the stream when it began
     * @param plan names what it set out to do
     * @param cursor where in the plan it is; empty at the beginning
     * @param sent how many rows were sent
     * @param total of how many, or null if nobody counted
     * @param chunks in how many chunks
     */
    public record Progress(
            StreamPosition head,
            String plan,
            String cursor,
            long sent,
            @Nullable Long total,
            long chunks) {}

    /**
     * One that was taken.
     *
     * @param begun which of the device's catch-ups it is
     * @param progress how far it was when it was last left; null if it never began
     * @param chunksHeard how many of its chunks the device has acknowledged
     */
    public record Taken(
            CatchUp catchUp, long begun, @Nullable Progress progress, long chunksHeard) {}

    /**
     * What is so while one is at work.
     *
     * @param controlVersion which version of its control the cloud is at
     * @param chunksHeard how many chunks the device has acknowledged
     */
    public record Standing(long controlVersion, long chunksHeard) {}

    /** A device has acknowledged the n-th chunk of one of its catch-ups. */
    public record Receipt(String device, long begun, long chunk) {}

    /** What is known of one, for people. */
    public record Account(
            String since,
            boolean askedFor,
            Instant requested,
            @Nullable Instant started,
            long sent,
            @Nullable Long total) {}

    private static final String COLUMNS =
            "device, cloud, account, since, origin, asked, asked_for, request, head_epoch,"
                    + " head_next, plan, progress, sent, total, chunks_sent, begun, chunks_heard";

    /** Begins it anew: whatever was sent of it counts for nothing. */
    static final String ANEW = "asked = catch_up.asked + 1, head_epoch = NULL, head_next = NULL, plan = NULL,"
            + " progress = NULL, sent = 0, total = NULL, started = NULL, begun = nextval('sync.catch_up_begun'), chunks_sent = 0,"
            + " chunks_heard = 0";

    private CatchUpStore() {}

    /**
     * Notes requests; of a device's several only the last. While one is not met, a later one can ask for no less: the device
     * cannot have got further meanwhile, except by what an earlier life of it was told.
     */
    public static void request(Connection connection, List<CatchUp> requests) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO sync.catch_up (device, cloud, account, since, origin, request)
                SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[])
                ON CONFLICT (device) DO UPDATE SET cloud = excluded.cloud, account = excluded.account,
                  since = CASE WHEN catch_up.asked_for THEN least(catch_up.since COLLATE "C", excluded.since COLLATE "C")
                    ELSE excluded.since END, origin = excluded.origin, request = excluded.request, asked_for = true,
                  requested = now(),
                """ + ANEW)) {
            Object[][] columns = {
                requests.stream().map(CatchUp::device).toArray(),
                requests.stream().map(CatchUp::cloud).toArray(),
                requests.stream().map(CatchUp::account).toArray(),
                requests.stream().map(CatchUp::since).toArray(),
                requests.stream().map(CatchUp::origin).toArray()
            };
            for (int i = 0; i < columns.length; i++) {
                statement.setArray(i + 1, connection.createArrayOf("text", columns[i]));
            }
            statement.setArray(
                    columns.length + 1,
                    connection.createArrayOf(
                            "bigint", requests.stream().map(CatchUp::request).toArray()));
            statement.executeUpdate();
        }
    }

    /**
     * Owes the devices of a cloud, or one of them, the tables that they must get anew from a place on, whether
     * they ask or not. Who is owed more already is so still, and whoever is at it looks again what it is.
     */
    public static void owe(Connection connection, String cloud, @Nullable String device, StreamPosition since)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO sync.catch_up (device, cloud, account, since, asked_for)
                SELECT id, cloud, account, ?, false FROM sync.device
                WHERE cloud = ? AND state = 'active' AND (?::text IS NULL OR id = ?)
                ON CONFLICT (device) DO UPDATE SET asked = catch_up.asked + 1, since = CASE WHEN catch_up.asked_for THEN catch_up.since
                  ELSE least(catch_up.since COLLATE "C", excluded.since COLLATE "C") END""")) {
            statement.setString(1, since.toString());
            statement.setString(2, cloud);
            statement.setString(3, device);
            statement.setString(4, device);
            statement.executeUpdate();
        }
    }

    /**
     * Takes one that nobody is at, for a while. Those of paused devices wait; and those of devices of which not all is
     * merged yet that they sent before they asked: nobody tells a device again what it wrote itself, and it may have lost
     * that meanwhile, wiped or restored.
     *
     * @param mostUnheard those wait as well whose devices have so many chunks that they did not acknowledge
     * @param patienceSeconds but no longer than this
     */
    public static Optional<Taken> take(Connection connection, int leaseSeconds, long mostUnheard, int patienceSeconds)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                UPDATE sync.catch_up SET leased_until = now() + make_interval(secs => ?), started = coalesce(started, now())
                WHERE device = (SELECT u.device FROM sync.catch_up u WHERE u.leased_until < now()
                  AND (u.chunks_sent - u.chunks_heard < ? OR u.leased_until < now() - make_interval(secs => ?))
                  AND (u.origin = '' OR EXISTS (SELECT 1 FROM sync.device_claim d
                    WHERE d.device = u.device AND d.origin = u.origin))
                  AND NOT EXISTS (SELECT 1 FROM sync.device_control c WHERE c.device = u.device AND c.paused)
                  ORDER BY u.leased_until, u.requested LIMIT 1 FOR UPDATE OF u SKIP LOCKED)
                RETURNING
                """ + COLUMNS)) {
            statement.setInt(1, leaseSeconds);
            statement.setLong(2, mostUnheard);
            statement.setInt(3, patienceSeconds);
            try (ResultSet result = statement.executeQuery()) {
                return result.next() ? Optional.of(taken(result)) : Optional.empty();
            }
        }
    }

    private static Taken taken(ResultSet result) throws SQLException {
        CatchUp catchUp = new CatchUp(
                result.getString(1),
                result.getString(2),
                result.getString(3),
                result.getString(4),
                result.getString(5),
                result.getLong(6),
                result.getBoolean(7),
                result.getObject(8, Long.class));
        String plan = result.getString(11);
        if (plan == null) {
            return new Taken(catchUp, result.getLong(16), null, 0);
        }
        Progress progress = new Progress(
                new StreamPosition(result.getInt(9), result.getLong(10)),
                plan,
                result.getString(12),
                result.getLong(13),
                result.getObject(14, Long.class),
                result.getLong(15));
        return new Taken(catchUp, result.getLong(16), progress, result.getLong(17));
    }

    /**
     * Notes how far one is, and keeps it for another while.
     *
     * @return what is so now; empty if the catch-up is no longer owed, or the device has asked anew
     */
    public static Optional<Standing> advance(
            Connection connection, CatchUp catchUp, Progress progress, int leaseSeconds) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                UPDATE sync.catch_up SET leased_until = now() + make_interval(secs => ?), head_epoch = ?, head_next = ?,
                  plan = ?, progress = ?, sent = ?, total = ?, chunks_sent = ?
                WHERE device = ? AND asked = ?
                RETURNING (SELECT control_version FROM sync.cloud WHERE name = catch_up.cloud), chunks_heard""")) {
            statement.setInt(1, leaseSeconds);
            statement.setInt(2, progress.head().epoch());
            statement.setLong(3, progress.head().offset());
            statement.setString(4, progress.plan());
            statement.setString(5, progress.cursor());
            statement.setLong(6, progress.sent());
            statement.setObject(7, progress.total());
            statement.setLong(8, progress.chunks());
            statement.setString(9, catchUp.device());
            statement.setLong(10, catchUp.asked());
            try (ResultSet result = statement.executeQuery()) {
                return result.next()
                        ? Optional.of(new Standing(result.getLong(1), result.getLong(2)))
                        : Optional.empty();
            }
        }
    }

    /** Notes what devices have acknowledged. */
    public static void heard(Connection connection, List<Receipt> receipts) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                UPDATE sync.catch_up c SET chunks_heard = greatest(c.chunks_heard, u.chunk)
                FROM (SELECT device, begun, max(chunk) FROM unnest(?::text[], ?::bigint[], ?::bigint[])
                  AS r(device, begun, chunk) GROUP BY device, begun) AS u(device, begun, chunk)
                WHERE c.device = u.device AND c.begun = u.begun""")) {
            Object[] devices = receipts.stream().map(Receipt::device).toArray();
            statement.setArray(1, connection.createArrayOf("text", devices));
            statement.setArray(
                    2,
                    connection.createArrayOf(
                            "bigint", receipts.stream().map(Receipt::begun).toArray()));
            statement.setArray(
                    3,
                    connection.createArrayOf(
                            "bigint", receipts.stream().map(Receipt::chunk).toArray()));
            statement.executeUpdate();
        }
    }

    /** What is known of a device's, if it is owed one. */
    public static Optional<Account> find(Connection connection, String device) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT since, asked_for, requested, started, sent, total FROM sync.catch_up WHERE device = ?")) {
            statement.setString(1, device);
            try (ResultSet result = statement.executeQuery()) {
                if (!result.next()) {
                    return Optional.empty();
                }
                Timestamp started = result.getTimestamp(4);
                return Optional.of(new Account(
                        result.getString(1),
                        result.getBoolean(2),
                        result.getTimestamp(3).toInstant(),
                        started == null ? null : started.toInstant(),
                        result.getLong(5),
                        result.getObject(6, Long.class)));
            }
        }
    }

    /** One is done. If the device asked again meanwhile it stays owed, to be taken at once. */
    public static void done(Connection connection, CatchUp catchUp) throws SQLException {
        try (PreparedStatement delete =
                connection.prepareStatement("DELETE FROM sync.catch_up WHERE device = ? AND asked = ?")) {
            delete.setString(1, catchUp.device());
            delete.setLong(2, catchUp.asked());
            if (delete.executeUpdate() == 1) {
                return;
            }
        }
        release(connection, catchUp.device(), 0);
    }

    /** Gives one back, to be taken again after a while. */
    public static void release(Connection connection, String device, int afterSeconds) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "UPDATE sync.catch_up SET leased_until = now() + make_interval(secs => ?) WHERE device = ?")) {
            statement.setInt(1, afterSeconds);
            statement.setString(2, device);
            statement.executeUpdate();
        }
    }

    /** How many are owed. */
    public static long owed(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT count(*) FROM sync.catch_up");
                ResultSet result = statement.executeQuery()) {
            return result.next() ? result.getLong(1) : 0;
        }
    }
}
