package io.mooring.agent.db;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mooring.agent.Schemas;
import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.schema.SyncSchema;
import io.mooring.contracts.sync.RowClock;
import io.mooring.contracts.sync.RowState;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongUnaryOperator;

/** A device's database with its queue, and a wall clock of the test's own. */
public final class TestDatabase implements AutoCloseable {
    public static final String DEVICE = "DEVICE0001";
    private static final JsonMapper JSON = JsonMapper.builder().build();
    public static final long START = 1_800_000_000_000L;

    public final Path file;
    public final AtomicLong wallMillis = new AtomicLong(START);
    private AtomicLong noted = new AtomicLong();
    public final RowStore rows = new RowStore();
    public final LocalDatabase database;
    public final ChangeQueue queue;
    public final RemoteRows remote;
    public final RowAccess access;

    public TestDatabase(Path folder) throws SQLException, IOException {
        this(folder, Schemas.demo());
    }

    public TestDatabase(Path folder, SyncSchema schema) throws SQLException {
        this(folder, schema, START, LongUnaryOperator.identity(), false);
    }

    /** The same with another wall clock, by which what the triggers note counts as well. */
    static TestDatabase atWallClock(Path folder, long wallMillis, boolean base) throws SQLException, IOException {
        return at(folder, Schemas.demo(), wallMillis, base);
    }

    /** The same with another schema. */
    public static TestDatabase at(Path folder, SyncSchema schema, long wallMillis, boolean base) throws SQLException {
        AtomicLong noted = new AtomicLong(wallMillis);
        TestDatabase device = new TestDatabase(folder, schema, wallMillis, any -> noted.get(), base);
        device.noted = noted;
        return device;
    }

    /** Sets the wall clock, and what the triggers take it to be. */
    public void setWall(long millis) {
        wallMillis.set(millis);
        noted.set(millis);
    }

    private TestDatabase(Path folder, SyncSchema schema, long wall, LongUnaryOperator notedToWall, boolean base)
            throws SQLException {
        wallMillis.set(wall);
        file = folder.resolve("device.db");
        database = LocalDatabase.open(file, schema, DEVICE, 1_024);
        queue = new ChangeQueue(rows, DEVICE, wallMillis::get, notedToWall, base);
        remote = new RemoteRows(rows, queue, DEVICE);
        access = new RowAccess(database, rows);
        database.change(queue::restoreClock);
        database.change(db -> Adoption.adopt(db, queue, "main", "first"));
    }

    /** Another process, as far as the database can tell. */
    public void sql(String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection(LocalDatabase.url(file));
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    public List<PendingRow> waiting() throws SQLException {
        return database.write(db -> {
            while (queue.takeIn(db) > 0) {
                continue;
            }
            return queue.waiting(db, 10_000);
        });
    }

    public RowState<JsonNode> row(String key) throws SQLException {
        return database.read(db -> rows.load(db, layout(), key));
    }

    public TableLayout layout() {
        return database.layout("Reading").orElseThrow();
    }

    public RemoteRow.Outcome arrives(String key, RowState<JsonNode> state) throws SQLException {
        RemoteRow.Outcome[] outcome = new RemoteRow.Outcome[1];
        database.changeUnnoticed(db -> {
            while (queue.takeIn(db) > 0) {
                continue;
            }
            outcome[0] = remote.apply(db, new RemoteRow(layout(), key, state));
        });
        return outcome[0];
    }

    public static RowState<JsonNode> written(HybridTimestamp at, Map<String, ?> values) {
        SortedMap<String, JsonNode> json = new TreeMap<>();
        values.forEach((name, value) -> json.put(name, JSON.valueToTree(value)));
        return new RowState<>(RowClock.whole(at), json);
    }

    public static HybridTimestamp cloud(long millis) {
        return new HybridTimestamp(millis, 0, HybridTimestamp.CLOUD);
    }

    @Override
    public void close() throws SQLException {
        database.close();
    }
}
