package io.mooring.logs;

import io.mooring.chassis.db.Database;
import io.mooring.logs.db.PartitionStore;
import io.mooring.logs.db.PartitionStore.Part;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** Sees to it that there is a table for every line before it is written. */
@Singleton
public class Partitions {
    private final Database database;
    private final Set<Part> known = new HashSet<>();

    public Partitions(Database database) {
        this.database = database;
    }

    /** Makes what is missing. */
    public synchronized void ready(Collection<Part> parts) throws SQLException {
        if (!known.containsAll(parts)) {
            database.run(connection -> PartitionStore.ensure(connection, parts));
            known.addAll(parts);
        }
    }

    /** Somebody dropped some. */
    public synchronized void forget() {
        known.clear();
    }
}
