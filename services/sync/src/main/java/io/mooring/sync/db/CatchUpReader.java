package io.mooring.sync.db;

import io.mooring.contracts.mqtt.Receiver;
import io.mooring.contracts.schema.Scope;
import io.mooring.sync.core.CatchUpCursor;
import io.mooring.sync.core.CatchUpPlan;
import io.mooring.sync.core.CloudSchema;
import io.mooring.sync.core.Row;
import io.mooring.sync.core.RowFilter;
import io.mooring.sync.core.RowKey;
import io.mooring.sync.core.TableLayout;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads what a catch-up has to send, a chunk at a time, from wherever it was. */
public final class CatchUpReader {
    /** So many owners without a row are looked at for one chunk. */
    private static final int MOST_OWNERS = 100;

    /**
     * A chunk.
     *
     * @param rows rows and graves
     * @param next where the next one begins, or null if the stage has no more
     */
    public record Chunk(List<Row> rows, @Nullable CatchUpCursor next) {}

    /** A table's rows, or its graves, by whatever they are asked for. */
    private interface Pages {
        List<Row> ofOwner(String owner, String after, int limit) throws SQLException;

        List<Row> ofAll(String afterOwner, String after, int limit) throws SQLException;
    }

    private final CloudSchema cloud;
    private final String device;
    private final @Nullable String account;
    private final int limit;
    private final TombstoneStore tombstones;

    /**
     * @param limit the most rows of a chunk
     */
    public CatchUpReader(CloudSchema cloud, String device, @Nullable String account, int limit) {
        this.cloud = cloud;
        this.device = device;
        this.account = account;
        this.limit = limit;
        this.tombstones = new TombstoneStore(cloud);
    }

    /** Reads on. */
    public Chunk read(Connection connection, CatchUpPlan.Stage stage, CatchUpCursor cursor) throws SQLException {
        return switch (stage) {
            case CatchUpPlan.Changes changes -> changes(connection, changes, cursor);
            case CatchUpPlan.Rows rows ->
                pages(connection, layout(rows.model()), rows.filter(), cursor, rowPages(connection, rows.model()));
            case CatchUpPlan.Graves graves ->
                pages(connection, layout(graves.model()), graves.filter(), cursor, gravePages(connection, graves));
        };
    }

    /** About how many rows a stage has. */
    public long count(Connection connection, CatchUpPlan.Stage stage) throws SQLException {
        return switch (stage) {
            case CatchUpPlan.Changes changes ->
                StreamStore.count(connection, cloud.cloud(), changes.receiver(), changes.since());
            case CatchUpPlan.Rows rows -> {
                TableLayout layout = layout(rows.model());
                boolean several = rows.filter() != RowFilter.of(layout.scope());
                yield new RowStore(cloud, layout).count(connection, several ? null : owner(layout.scope()));
            }
            case CatchUpPlan.Graves graves -> 0;
        };
    }

    private TableLayout layout(String model) {
        return Objects.requireNonNull(cloud.layout(model), model);
    }

    private String owner(Scope scope) {
        return switch (scope) {
            case DEVICE -> device;
            case ACCOUNT -> Objects.requireNonNull(account);
            case CLOUD -> "";
        };
    }

    private Pages rowPages(Connection connection, String model) {
        RowStore store = new RowStore(cloud, layout(model));
        return new Pages() {
            @Override
            public List<Row> ofOwner(String owner, String after, int most) throws SQLException {
                return store.page(connection, owner, after, most);
            }

            @Override
            public List<Row> ofAll(String afterOwner, String after, int most) throws SQLException {
                return store.pageOfAll(connection, afterOwner, after, most);
            }
        };
    }

    private Pages gravePages(Connection connection, CatchUpPlan.Graves graves) {
        return new Pages() {
            @Override
            public List<Row> ofOwner(String owner, String after, int most) throws SQLException {
                return tombstones.page(connection, graves.model(), owner, after, most);
            }

            @Override
            public List<Row> ofAll(String afterOwner, String after, int most) throws SQLException {
                return tombstones.pageOfAll(connection, graves.model(), afterOwner, after, most);
            }
        };
    }

    private Chunk pages(Connection connection, TableLayout layout, RowFilter filter, CatchUpCursor cursor, Pages pages)
            throws SQLException {
        boolean base = filter == RowFilter.of(layout.scope()) || (filter == RowFilter.ACCOUNT && account == null);
        if (base) {
            return chunk(pages.ofOwner(owner(layout.scope()), cursor.after(), limit), cursor);
        }
        return filter == RowFilter.ALL
                ? chunk(pages.ofAll(cursor.owner(), cursor.after(), limit), cursor)
                : ofAccount(connection, cursor, pages);
    }

    private Chunk chunk(List<Row> rows, CatchUpCursor cursor) {
        return new Chunk(rows, rows.size() < limit ? null : after(rows.getLast(), cursor));
    }

    private static CatchUpCursor after(Row row, CatchUpCursor cursor) {
        return cursor.at(row.key().owner(), row.key().sk());
    }

    private Chunk ofAccount(Connection connection, CatchUpCursor cursor, Pages pages) throws SQLException {
        String of = Objects.requireNonNull(account);
        List<Row> rows = new ArrayList<>();
        Optional<String> owner = cursor.owner().isEmpty()
                ? DeviceStore.nextOf(connection, cloud.cloud(), of, "")
                : Optional.of(cursor.owner());
        String after = cursor.after();
        String last = cursor.owner();
        for (int i = 0; owner.isPresent() && i < MOST_OWNERS; i++) {
            last = owner.get();
            rows.addAll(pages.ofOwner(last, after, limit - rows.size()));
            if (rows.size() >= limit) {
                return new Chunk(rows, after(rows.getLast(), cursor));
            }
            owner = DeviceStore.nextOf(connection, cloud.cloud(), of, last);
            after = "";
        }
        return new Chunk(rows, owner.map(next -> cursor.at(next, "")).orElse(null));
    }

    private Chunk changes(Connection connection, CatchUpPlan.Changes stage, CatchUpCursor cursor) throws SQLException {
        long from = cursor.after().isEmpty() ? stage.since() : Long.parseLong(cursor.after());
        List<StreamStore.Change> page = StreamStore.page(connection, cloud.cloud(), stage.receiver(), from, limit);
        List<RowKey> wanted = new ArrayList<>();
        Map<String, List<RowKey>> byModel = new HashMap<>();
        for (StreamStore.Change change : page) {
            if (stage.models().contains(change.model())) {
                RowKey key = new RowKey(change.model(), owner(change), change.sk());
                wanted.add(key);
                byModel.computeIfAbsent(change.model(), model -> new ArrayList<>())
                        .add(key);
            }
        }
        Map<RowKey, Row> found = new HashMap<>();
        for (Map.Entry<String, List<RowKey>> model : byModel.entrySet()) {
            // Graves first: a row that comes back in between is then found, and speaks for itself.
            tombstones.read(connection, model.getValue()).forEach(row -> found.put(row.key(), row));
            new RowStore(cloud, layout(model.getKey()))
                    .read(connection, model.getValue())
                    .forEach(row -> found.put(row.key(), row));
        }
        List<Row> rows =
                wanted.stream().map(found::get).filter(Objects::nonNull).toList();
        return new Chunk(
                rows,
                page.size() < limit
                        ? null
                        : cursor.at("", Long.toString(page.getLast().place() + 1)));
    }

    private static String owner(StreamStore.Change change) {
        if (change.owner() != null) {
            return change.owner();
        }
        Receiver receiver = Receiver.parse(change.receiver()).orElseThrow();
        return receiver instanceof Receiver.Everybody ? "" : receiver.key();
    }
}
