package io.mooring.agent.db;

import java.sql.SQLException;

/** What changes in the database when a device learns whose it is, or meets a cloud anew. */
public final class Adoption {
    private static final String REGISTRATION = "registration";

    private Adoption() {}

    /**
     * The device belongs to an account. Rows written before, whose keys name the account, get their
     * keys. A cloud that met the device anew is told everything and asked for everything. Must run in
     * a transaction.
     *
     * @param registration names the registration, differently for each
     */
    public static void adopt(LocalDatabase database, ChangeQueue queue, String account, String registration)
            throws SQLException {
        Settings.put(database, Settings.ACCOUNT, account);
        database.execute("UPDATE _capture SET applying = 1");
        for (TableLayout layout : database.layouts().values()) {
            giveKeys(database, layout);
        }
        database.execute("UPDATE _capture SET applying = 0");
        String before = Settings.get(database, REGISTRATION);
        if (!registration.equals(before)) {
            Settings.put(database, REGISTRATION, registration);
            SyncProgress.forget(database);
            if (before != null) {
                while (queue.takeIn(database) > 0) {
                    continue;
                }
                queue.enqueueAll(database);
            }
        }
    }

    private static void giveKeys(LocalDatabase database, TableLayout layout) throws SQLException {
        if (!Settings.ACCOUNT.equals(layout.owners().get("account_id"))) {
            return;
        }
        String table = TableSql.name(layout.table());
        String key = TableSql.keyExpression(layout);
        database.execute("UPDATE " + table + " SET account_id = coalesce(account_id, (SELECT value FROM _agent WHERE"
                + " name = 'account')) WHERE sk IS NULL");
        database.execute("INSERT INTO _change (model, sk, op, at) SELECT "
                + TableSql.text(layout.model().name()) + ", " + key + ", 'I', updated FROM " + table
                + " WHERE sk IS NULL AND " + key + " IS NOT NULL");
        database.execute(
                "UPDATE OR REPLACE " + table + " SET sk = " + key + " WHERE sk IS NULL AND " + key + " IS NOT NULL");
    }
}
