package io.mooring.sync.db;

import io.mooring.sync.JsonCodec;
import io.mooring.sync.NewIds;
import io.mooring.sync.core.CloudSchema;
import io.mooring.sync.core.IncomingChange;
import io.mooring.sync.core.MergeDecider;
import io.mooring.sync.core.Row;
import io.mooring.sync.core.RowKey;
import io.mooring.sync.core.RowRules;
import io.mooring.sync.core.TableLayout;
import io.mooring.sync.core.UniqueValues;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/** Loads the rows that changes touch, has them merged, and saves what came of it. */
public final class RowMerge {
    private static final int MOST_ATTEMPTS = 20;
    private static final RowRules RULES = new RowRules(JsonCodec::plain, NewIds::ulid, NewIds::uuid);

    private final CloudSchema cloud;
    private final TombstoneStore tombstones;
    private final UniqueStore uniques;

    public RowMerge(CloudSchema cloud) {
        this.cloud = cloud;
        this.tombstones = new TombstoneStore(cloud);
        this.uniques = new UniqueStore(cloud);
    }

    /**
     * Merges changes in one go.
     *
     * @param decide merges each change; called again from the start if somebody else inserted one of the
     *     rows, or took a unique value, between loading and saving, and where a row is to be buried that never was
     */
    public void merge(Connection connection, List<IncomingChange> changes, Consumer<MergeDecider> decide)
            throws SQLException {
        Map<String, Set<RowKey>> keys = new TreeMap<>();
        for (IncomingChange change : changes) {
            keys.computeIfAbsent(change.key().model(), model -> new TreeSet<>()).add(change.key());
        }
        boolean constrained =
                keys.keySet().stream().anyMatch(model -> !layout(model).unique().isEmpty());
        Set<RowKey> claimed = new HashSet<>();
        for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
            Map<RowKey, Row> rows = load(connection, keys);
            UniqueValues unique = uniques.holders(connection, changes);
            MergeDecider decider = new MergeDecider(rows, unique, RULES, System.currentTimeMillis());
            decide.accept(decider);
            Set<RowKey> unknown = new TreeSet<>();
            decider.written().forEach((key, row) -> {
                if (!row.state().clock().isLive() && !rows.containsKey(key) && claimed.add(key)) {
                    unknown.add(key);
                }
            });
            if (!unknown.isEmpty()) {
                tombstones.claim(connection, unknown);
                continue;
            }
            if (constrained
                    ? UniqueStore.save(connection, () -> save(connection, decider, rows))
                    : save(connection, decider, rows)) {
                return;
            }
        }
        throw new SQLException("others were faster each time rows were merged");
    }

    private Map<RowKey, Row> load(Connection connection, Map<String, Set<RowKey>> keys) throws SQLException {
        Map<RowKey, Row> rows = new HashMap<>();
        Set<RowKey> absent = new TreeSet<>();
        for (Map.Entry<String, Set<RowKey>> model : keys.entrySet()) {
            for (Row row : store(model.getKey()).lock(connection, model.getValue())) {
                rows.put(row.key(), row);
            }
            model.getValue().stream().filter(key -> !rows.containsKey(key)).forEach(absent::add);
        }
        if (!absent.isEmpty()) {
            // After the rows: one that is deleted in between is then found as its grave.
            tombstones.lock(connection, absent).forEach(grave -> rows.put(grave.key(), grave));
        }
        return rows;
    }

    /** False if nothing more than some inserts was done, and others were not possible. */
    private boolean save(Connection connection, MergeDecider decider, Map<RowKey, Row> loaded) throws SQLException {
        Map<String, Changes> byModel = new TreeMap<>();
        List<Row> graves = new ArrayList<>();
        // In the order of their keys, as everybody writes them, so that nobody waits in a circle.
        for (Row row : new TreeMap<>(decider.written()).values()) {
            Changes changes = byModel.computeIfAbsent(row.key().model(), model -> new Changes());
            Row before = loaded.get(row.key());
            boolean was = before != null && before.state().clock().isLive();
            boolean is = row.state().clock().isLive();
            if (is) {
                (was ? changes.updates : changes.inserts).add(row);
            } else {
                graves.add(row);
                if (was) {
                    changes.deletes.add(row.key());
                }
            }
        }
        Set<RowKey> missed = new HashSet<>();
        for (Map.Entry<String, Changes> model : byModel.entrySet()) {
            if (!model.getValue().inserts.isEmpty()) {
                missed.addAll(store(model.getKey()).insert(connection, model.getValue().inserts));
            }
        }
        if (!missed.isEmpty()) {
            return false;
        }
        if (!graves.isEmpty()) {
            tombstones.bury(connection, graves);
        }
        for (Map.Entry<String, Changes> model : byModel.entrySet()) {
            if (!model.getValue().updates.isEmpty()) {
                store(model.getKey()).update(connection, model.getValue().updates);
            }
            if (!model.getValue().deletes.isEmpty()) {
                store(model.getKey()).delete(connection, model.getValue().deletes);
            }
        }
        return true;
    }

    private RowStore store(String model) {
        return new RowStore(cloud, layout(model));
    }

    private TableLayout layout(String model) {
        return Objects.requireNonNull(cloud.layout(model), model);
    }

    private static final class Changes {
        private final List<Row> inserts = new ArrayList<>();
        private final List<Row> updates = new ArrayList<>();
        private final List<RowKey> deletes = new ArrayList<>();
    }
}
