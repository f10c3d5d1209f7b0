package io.mooring.e2e.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.agent.db.TableLayout;
import io.mooring.contracts.schema.Model;
import io.mooring.contracts.schema.Scope;
import io.mooring.contracts.schema.SyncSchema;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * An application that writes the cloud database by plain SQL and knows nothing of sync, in transactions of a moment or of
 * seconds, so that they commit in another order than they wrote. It notes which clocks its writes got.
 */
final class SqlWriter {
    private static final AtomicLong TRANSACTIONS = new AtomicLong();

    private final String name;
    private final CheckedCloud cloud;
    private final SyncSchema schema;
    private final List<Replica> devices;
    private final History history;
    private final Chance chance;
    private final Writes writes;
    private final Actor actor;
    private final long pauseMillis;
    private final Map<Long, String> unknown = new ConcurrentHashMap<>();
    private @Nullable Connection connection;

    SqlWriter(
            String name, CheckedCloud cloud, SyncSchema schema, List<Replica> devices, History history, Chance chance) {
        this.name = name;
        this.cloud = cloud;
        this.schema = schema;
        this.devices = devices;
        this.history = history;
        this.chance = chance;
        this.writes = new Writes(name, chance);
        this.actor = new Actor(name, this::act);
        this.pauseMillis = chance.between(40, 400);
    }

    void start() {
        actor.start();
    }

    void stop() throws InterruptedException, SQLException {
        actor.stop();
        drop();
    }

    /** Its transactions of which it does not know what became of them, each with PostgreSQL's name for it. */
    Map<Long, String> unknown() {
        return Map.copyOf(unknown);
    }

    private void drop() {
        Connection gone = connection;
        connection = null;
        if (gone != null) {
            try {
                gone.close();
            } catch (SQLException e) {
                // It was broken, which is why it is dropped.
            }
        }
    }

    private void act() throws Exception {
        int statements = chance.percent(60) ? 1 : chance.between(2, 6);
        boolean isLong = chance.percent(8);
        List<ObjectNode> written = new ArrayList<>();
        long transaction = TRANSACTIONS.incrementAndGet();
        String outcome = "aborted";
        @Nullable String xid = null;
        try {
            Connection open = connection();
            xid = text(open, "SELECT pg_current_xact_id()::text");
            mark(open, transaction);
            for (int i = 0; i < statements; i++) {
                statement(open, written);
                if (isLong) {
                    actor.rest(chance.between(0L, 1_500L));
                }
            }
            if (chance.percent(5)) {
                open.rollback();
            } else {
                outcome = "unknown";
                open.commit();
                outcome = "committed";
            }
        } catch (SQLException e) {
            drop();
        }
        if (!written.isEmpty() && !outcome.equals("aborted")) {
            note(transaction, xid, outcome, written);
        }
        actor.rest(chance.pauseMillis(pauseMillis));
    }

    /** The mark of a transaction, which is there if and only if it was committed. */
    private static void mark(Connection open, long transaction) throws SQLException {
        try (PreparedStatement insert = open.prepareStatement("INSERT INTO checker.mark (tx) VALUES (?)")) {
            insert.setLong(1, transaction);
            insert.executeUpdate();
        }
    }

    private void note(long transaction, @Nullable String xid, String outcome, List<ObjectNode> written) {
        for (ObjectNode write : written) {
            history.add("write", line -> {
                line.put("by", "sql").put("writer", name).put("tx", transaction);
                line.setAll(write);
            });
        }
        if (outcome.equals("unknown") && xid != null) {
            unknown.put(transaction, xid);
        }
        history.add("tx", line -> line.put("tx", transaction).put("xid", xid).put("outcome", outcome));
    }

    private Connection connection() throws SQLException {
        Connection open = connection;
        if (open == null) {
            open = cloud.writer();
            open.setAutoCommit(false);
            try (Statement settings = open.createStatement()) {
                settings.execute("SET lock_timeout = '8s'");
            }
            open.commit();
            connection = open;
        }
        return open;
    }

    private void statement(Connection open, List<ObjectNode> written) throws SQLException, IOException {
        int kindOf = chance.between(0, 99);
        Writes.Kind kind =
                kindOf < 55 ? Writes.ITEM : kindOf < 75 ? Writes.SHARED : kindOf < 90 ? Writes.ORDER : Writes.NOTICE;
        Replica device = chance.oneOf(devices);
        Model model = schema.model(kind.model()).orElseThrow();
        String owner = switch (model.scope()) {
            case DEVICE -> device.id();
            case ACCOUNT -> device.account();
            case CLOUD -> "";
        };
        String key = kind.key(chance.between(0, kind.keys() - 1));
        int how = chance.between(0, 99);
        Map<String, @Nullable Object> values =
                how < 25 ? writes.all(kind, owner) : writes.values(kind, owner, writes.some(kind));
        if (how < 25) {
            insert(open, model, owner, key, values, written);
        } else if (how < 82) {
            update(open, model, owner, key, values, written);
        } else {
            delete(open, model, owner, key, written);
        }
    }

    private static String table(Model model) {
        return "cloud_main.\"" + TableLayout.snake(model.name()) + "\"";
    }

    private static String where(Model model) {
        return model.scope() == Scope.CLOUD ? "id = ?" : "id = ? AND " + Replicas.owner(model.scope()) + " = ?";
    }

    private void insert(
            Connection open,
            Model model,
            String owner,
            String key,
            Map<String, @Nullable Object> values,
            List<ObjectNode> written)
            throws SQLException, IOException {
        Map<String, @Nullable Object> columns = new TreeMap<>(values);
        columns.put("id", key);
        if (model.scope() != Scope.CLOUD) {
            columns.put(Replicas.owner(model.scope()), owner);
        }
        String names = String.join(
                ", ", columns.keySet().stream().map(name -> "\"" + name + "\"").toList());
        String places = String.join(
                ", ", columns.keySet().stream().map(name -> place(model, name)).toList());
        String sql = "INSERT INTO " + table(model) + " AS t (" + names + ") VALUES (" + places
                + ") ON CONFLICT DO NOTHING RETURNING sk, to_jsonb(t)::text, '{}', _clock::text";
        run(open, model, owner, "insert", sql, new ArrayList<>(columns.values()), written);
    }

    private void update(
            Connection open,
            Model model,
            String owner,
            String key,
            Map<String, @Nullable Object> values,
            List<ObjectNode> written)
            throws SQLException, IOException {
        List<@Nullable Object> parameters = new ArrayList<>(values.values());
        parameters.add(key);
        if (model.scope() != Scope.CLOUD) {
            parameters.add(owner);
        }
        String sets = String.join(
                ", ",
                values.keySet().stream()
                        .map(name -> "\"" + name + "\" = " + place(model, name))
                        .toList());
        String sql = "UPDATE " + table(model) + " SET " + sets + " WHERE " + where(model)
                + " RETURNING new.sk, to_jsonb(new)::text, old._clock::text, new._clock::text";
        run(open, model, owner, "update", sql, parameters, written);
    }

    private static String place(Model model, String field) {
        return field.equals("at") ? "?::timestamptz" : field.equals("data") ? "?::jsonb" : "?";
    }

    private void run(
            Connection open,
            Model model,
            String owner,
            String command,
            String sql,
            List<@Nullable Object> parameters,
            List<ObjectNode> written)
            throws SQLException, IOException {
        try (PreparedStatement statement = open.prepareStatement(sql)) {
            for (int i = 0; i < parameters.size(); i++) {
                Object value = parameters.get(i);
                statement.setObject(
                        i + 1,
                        switch (value) {
                            case null -> null;
                            case java.time.Instant instant -> instant.toString();
                            case Map<?, ?> map -> History.JSON.writeValueAsString(map);
                            default -> value;
                        });
            }
            try (ResultSet row = statement.executeQuery()) {
                if (row.next()) {
                    written.add(write(model, owner, command, row));
                }
            }
        }
    }

    /** What an insert or update wrote: the fields whose clocks are new. */
    private static ObjectNode write(Model model, String owner, String command, ResultSet row)
            throws SQLException, IOException {
        ObjectNode fields = Replicas.fields(model, History.JSON.readTree(row.getString(2)));
        JsonNode before = History.JSON.readTree(row.getString(3));
        ObjectNode clock = History.JSON.createObjectNode();
        History.JSON.readTree(row.getString(4)).properties().forEach(entry -> {
            if (!entry.getValue().equals(before.path(entry.getKey()))
                    && !entry.getKey().equals("-")) {
                clock.set(entry.getKey(), entry.getValue());
            }
        });
        ObjectNode values = fields;
        if (!clock.has("*")) {
            values = History.JSON.createObjectNode();
            for (var entry : clock.properties()) {
                values.set(
                        entry.getKey(),
                        fields.path(entry.getKey()).isMissingNode()
                                ? History.JSON.nullNode()
                                : fields.get(entry.getKey()));
            }
        }
        ObjectNode write = History.JSON.createObjectNode();
        write.put("model", model.name())
                .put("owner", owner)
                .put("sk", row.getString(1))
                .put("cmd", command);
        write.set("values", values);
        write.set("clock", clock);
        return write;
    }

    private void delete(Connection open, Model model, String owner, String key, List<ObjectNode> written)
            throws SQLException {
        String sk;
        try (PreparedStatement delete =
                open.prepareStatement("DELETE FROM " + table(model) + " WHERE " + where(model) + " RETURNING sk")) {
            delete.setString(1, key);
            if (model.scope() != Scope.CLOUD) {
                delete.setString(2, owner);
            }
            try (ResultSet row = delete.executeQuery()) {
                if (!row.next()) {
                    return;
                }
                sk = row.getString(1);
            }
        }
        try (PreparedStatement grave = open.prepareStatement(
                "SELECT clock FROM cloud_main._tombstone WHERE model = ? AND owner = ? AND sk = ?")) {
            grave.setString(1, model.name());
            grave.setString(2, owner);
            grave.setString(3, sk);
            try (ResultSet row = grave.executeQuery()) {
                if (!row.next()) {
                    throw new IllegalStateException(
                            "a deletion left no grave: " + model.name() + " " + owner + " " + sk);
                }
                ObjectNode write = History.JSON.createObjectNode();
                write.put("model", model.name())
                        .put("owner", owner)
                        .put("sk", sk)
                        .put("cmd", "delete");
                write.set("values", History.JSON.createObjectNode());
                write.set("clock", History.JSON.createObjectNode().put("-", row.getString(1)));
                written.add(write);
            }
        }
    }

    private static String text(Connection open, String sql) throws SQLException {
        try (Statement statement = open.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }
}
