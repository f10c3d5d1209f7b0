package io.mooring.messaging;

import io.mooring.messaging.db.Database;
import io.mooring.messaging.db.DeviceStore;
import io.mooring.messaging.db.DeviceStore.Device;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Takes note of devices, and whose they are. */
@Singleton
public class RegistryHandler {
    private final Database database;

    public RegistryHandler(Database database) {
        this.database = database;
    }

    /** Takes what provisioning last said of devices; an empty one is gone. */
    public void handle(Map<String, Optional<Device>> last) throws SQLException {
        if (last.isEmpty()) {
            return;
        }
        List<Device> present = last.values().stream().flatMap(Optional::stream).toList();
        List<String> gone = last.entrySet().stream()
                .filter(device -> device.getValue().isEmpty())
                .map(Map.Entry::getKey)
                .toList();
        database.run(connection -> {
            DeviceStore.forget(connection, gone);
            DeviceStore.save(connection, present);
        });
    }
}
