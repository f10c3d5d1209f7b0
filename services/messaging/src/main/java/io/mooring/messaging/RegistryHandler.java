package io.mooring.messaging;

import io.mooring.messaging.core.Signal;
import io.mooring.messaging.db.Database;
import io.mooring.messaging.db.DeviceStore;
import io.mooring.messaging.db.DeviceStore.Device;
import io.mooring.messaging.db.ExecutionStore;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Takes note of devices, and whose they are. */
@Singleton
public class RegistryHandler {
    private static final String WHY = "the device was released, or changed hands";

    private final Clock clock = Clock.systemUTC();
    private final Database database;
    private final Executions executions;
    private final Waiters waiters;

    public RegistryHandler(Database database, Executions executions, Waiters waiters) {
        this.database = database;
        this.executions = executions;
        this.waiters = waiters;
    }

    /**
     * Takes what provisioning last said of devices; an empty one is gone. What was asked of a device is not asked of it once
     * it is somebody else's.
     */
    public void handle(Map<String, Optional<Device>> last) throws SQLException {
        if (last.isEmpty()) {
            return;
        }
        List<Device> present = last.values().stream().flatMap(Optional::stream).toList();
        List<String> gone = last.entrySet().stream()
                .filter(device -> device.getValue().isEmpty())
                .map(Map.Entry::getKey)
                .toList();
        Instant now = clock.instant();
        Executions.Moved moved = database.transact(connection -> {
            DeviceStore.forget(connection, gone);
            DeviceStore.save(connection, present);
            Map<ExecutionStore.Key, List<Signal>> signals = new HashMap<>();
            for (ExecutionStore.Key key : ExecutionStore.lockMisplaced(connection, last.keySet())) {
                signals.put(key, List.of(new Signal.Withdrawn(WHY)));
            }
            return executions.apply(connection, signals, now);
        });
        waiters.finished(moved.finished());
    }
}
