package io.mooring.metrics;

import io.mooring.chassis.Persistence;
import io.mooring.metrics.IngestHandler.Result;
import io.mooring.metrics.IngestHandler.Told;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;

/** Takes what Kafka delivered, however often it takes; what can never be taken is told apart from what can. */
@Singleton
public class Taking {
    private static final Logger LOG = Logger.getLogger(Taking.class);

    /** SQLSTATE classes of data that will never do; of others the next try may find what it needs. */
    private static final Set<String> FAULTS = Set.of("22", "23", "54");

    /** Of two who did the same at once one is second. */
    private static final String UNIQUE = "23505";

    private final IngestHandler ingest;
    private final Persistence persistence;

    public Taking(IngestHandler ingest, Persistence persistence) {
        this.ingest = ingest;
        this.persistence = persistence;
    }

    /** What became of each; empty for those that cannot be taken. */
    public List<Optional<Result>> take(List<Told> batch) {
        List<Optional<Result>> results = new ArrayList<>(batch.size());
        take(batch, results);
        return results;
    }

    private void take(List<Told> batch, List<Optional<Result>> results) {
        if (batch.isEmpty()) {
            return;
        }
        try {
            persistence
                    .until("take points", Taking::isDataAtFault, () -> ingest.take(batch))
                    .forEach(result -> results.add(Optional.of(result)));
        } catch (Persistence.StoppedException stopping) {
            throw stopping;
        } catch (RuntimeException e) {
            if (batch.size() == 1) {
                LOG.errorf(e, "points of %s cannot be taken", batch.getFirst().device());
                results.add(Optional.empty());
                return;
            }
            int half = batch.size() / 2;
            take(batch.subList(0, half), results);
            take(batch.subList(half, batch.size()), results);
        }
    }

    private static boolean isDataAtFault(Exception e) {
        if (e instanceof RuntimeException) {
            return true;
        }
        String state = e instanceof SQLException sql ? sql.getSQLState() : null;
        return state != null && !state.equals(UNIQUE) && FAULTS.contains(state.substring(0, 2));
    }
}
