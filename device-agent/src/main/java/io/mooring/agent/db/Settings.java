package io.mooring.agent.db;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The few things about the device that its database must know: table {@code _agent}. */
public final class Settings {
    /** The device's id. */
    public static final String DEVICE = "device";

    /** The account the device belongs to, once known. */
    public static final String ACCOUNT = "account";

    /** The last clock handed out or seen. */
    static final String CLOCK = "clock";

    /** Whether the cloud did not believe the device's clock the last time it said something of it. */
    static final String CLOCK_DOUBTED = "clock_doubted";

    /** Whether rows have expired by the device's clock. */
    static final String EXPIRED = "expired";

    /** The number of the last listing that was asked for. */
    static final String LISTING = "listing";

    private Settings() {}

    public static @Nullable String get(LocalDatabase database, String name) throws SQLException {
        try (ResultSet row = database.statement("SELECT value FROM _agent WHERE name = ?", name)
                .executeQuery()) {
            return row.next() ? row.getString(1) : null;
        }
    }

    public static void put(LocalDatabase database, String name, String value) throws SQLException {
        database.statement(
                        "INSERT INTO _agent (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value ="
                                + " excluded.value WHERE value IS NOT excluded.value",
                        name,
                        value)
                .executeUpdate();
    }
}
