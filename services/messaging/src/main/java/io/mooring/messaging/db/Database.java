package io.mooring.messaging.db;

import io.mooring.messaging.trace.Tracing;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;

/** Work in transactions, each of which notes the trace that it belongs to. */
@ApplicationScoped
public class Database {
    private final io.mooring.chassis.db.Database transactions;
    private final Tracing tracing;

    public Database(io.mooring.chassis.db.Database transactions, Tracing tracing) {
        this.transactions = transactions;
        this.tracing = tracing;
    }

    /** Does work in a transaction of its own; commits it, or rolls it back if the work fails. */
    public <T> T transact(io.mooring.chassis.db.Database.Work<T> work) throws SQLException {
        return transactions.transact(connection -> {
            tracing.note(connection);
            return work.in(connection);
        });
    }

    /** As {@link #transact}, for work that yields nothing. */
    public void run(io.mooring.chassis.db.Database.Task task) throws SQLException {
        transact(connection -> {
            task.in(connection);
            return true;
        });
    }

    /** Reads, outside of any transaction. */
    public <T> T read(io.mooring.chassis.db.Database.Work<T> work) throws SQLException {
        return transactions.read(work);
    }
}
