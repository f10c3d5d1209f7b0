package io.mooring.agent.db;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Which rows the cloud has spoken of since the device last asked what it missed. When the cloud says that it gave all
 * rows of a model, those it did not speak of were removed so long ago that it no longer knows.
 */
public final class Listing {
    private Listing() {}

    /** The device asks; whatever the cloud has spoken of before counts for nothing. */
    public static void begin(LocalDatabase database) throws SQLException {
        Settings.put(database, Settings.LISTING, Long.toString(number(database) + 1));
    }

    private static long number(LocalDatabase database) throws SQLException {
        String name = Settings.get(database, Settings.LISTING);
        return name == null ? 0 : Long.parseLong(name);
    }

    /** The cloud has this row: it told of it, or took it. */
    public static void seen(LocalDatabase database, String model, String key) throws SQLException {
        database.statement("UPDATE _clock SET seen = ? WHERE model = ? AND sk = ?", number(database), model, key)
                .executeUpdate();
    }

    /**
     * The cloud has answered, and gave all rows of some models. Must run in an unnoticed transaction.
     *
     * @return the rows that went
     */
    public static List<Expiry.Gone> end(LocalDatabase database, RowStore rows, Collection<String> models)
            throws SQLException {
        List<Expiry.Gone> gone = new ArrayList<>();
        for (String model : models) {
            Optional<TableLayout> layout = database.layout(model);
            if (layout.isPresent()) {
                for (String key : unseen(database, layout.get())) {
                    rows.forget(database, layout.get(), key);
                    gone.add(new Expiry.Gone(model, key));
                }
            }
        }
        return gone;
    }

    private static List<String> unseen(LocalDatabase database, TableLayout layout) throws SQLException {
        List<String> keys = new ArrayList<>();
        try (ResultSet row = database.statement(
                        "SELECT t.sk FROM " + TableSql.name(layout.table())
                                + " AS t LEFT JOIN _clock AS c ON c.model = ? AND c.sk = t.sk"
                                + " WHERE t.sk IS NOT NULL AND coalesce(c.seen, 0) < ? AND NOT EXISTS"
                                + " (SELECT 1 FROM _pending AS p WHERE p.model = ? AND p.sk = t.sk)",
                        layout.model().name(),
                        number(database),
                        layout.model().name())
                .executeQuery()) {
            while (row.next()) {
                keys.add(row.getString(1));
            }
        }
        return keys;
    }
}
