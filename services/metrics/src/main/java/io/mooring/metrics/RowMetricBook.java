package io.mooring.metrics;

import io.mooring.chassis.db.Database;
import io.mooring.metrics.access.ChangeTrail;
import io.mooring.metrics.core.Caller;
import io.mooring.metrics.core.RowMetric;
import io.mooring.metrics.db.RowMetricStore;
import io.mooring.metrics.db.RowMetricStore.Declared;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Which numbers of rows are metrics; what another instance was told is known here within a second. */
@Singleton
public class RowMetricBook {
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Database database;
    private final ChangeTrail trail;
    private Map<String, List<RowMetric>> known = Map.of();
    private long readNanos;
    private boolean stale = true;

    public RowMetricBook(Database database, ChangeTrail trail) {
        this.database = database;
        this.trail = trail;
    }

    /** What holds in a cloud. */
    public synchronized List<RowMetric> of(String cloud) throws SQLException {
        if (stale || System.nanoTime() - readNanos > FRESH_NANOS) {
            Map<String, List<RowMetric>> all = new HashMap<>();
            for (Declared each : database.read(RowMetricStore::all)) {
                all.computeIfAbsent(each.cloud(), name -> new ArrayList<>()).add(each.metric());
            }
            known = all;
            readNanos = System.nanoTime();
            stale = false;
        }
        return known.getOrDefault(cloud, List.of());
    }

    /** Sets what holds of a model. */
    public void save(Caller caller, String cloud, RowMetric metric) throws SQLException {
        database.run(connection -> {
            RowMetricStore.save(connection, cloud, metric);
            Map<String, String> asked = Map.of(
                    "model",
                    metric.model(),
                    "fields",
                    metric.fields().toString(),
                    "dimensions",
                    metric.dimensions().toString());
            trail.tell(connection, caller, "SetRowMetric", cloud, asked);
        });
        forget();
    }

    /** Its rows are no metrics any more; whether they were. */
    public boolean remove(Caller caller, String cloud, String model) throws SQLException {
        boolean was = database.transact(connection -> {
            boolean removed = RowMetricStore.remove(connection, cloud, model);
            if (removed) {
                trail.tell(connection, caller, "RemoveRowMetric", cloud, Map.of("model", model));
            }
            return removed;
        });
        forget();
        return was;
    }

    private synchronized void forget() {
        stale = true;
    }
}
