package io.mooring.metrics;

import io.mooring.chassis.db.Database;
import io.mooring.metrics.db.ApplicationStore;
import io.mooring.metrics.db.ApplicationStore.Application;
import io.mooring.metrics.db.DeviceStore;
import io.mooring.metrics.db.DeviceStore.Device;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Follows which devices and applications there are. */
@Singleton
public class RegistryHandler {
    private final Database database;

    public RegistryHandler(Database database) {
        this.database = database;
    }

    /** Notes the last word on each device; an empty one forgets it. */
    public void devices(Map<String, Optional<Device>> last) throws SQLException {
        List<Device> present = new ArrayList<>();
        List<String> gone = new ArrayList<>();
        last.forEach((id, device) -> device.ifPresentOrElse(present::add, () -> gone.add(id)));
        database.run(connection -> {
            if (!present.isEmpty()) {
                DeviceStore.save(connection, present);
            }
            if (!gone.isEmpty()) {
                DeviceStore.forget(connection, gone);
            }
        });
    }

    /** Notes the last word on each application; an empty one forgets it. */
    public void applications(Map<String, Optional<Application>> last) throws SQLException {
        database.run(connection -> {
            for (Map.Entry<String, Optional<Application>> entry : last.entrySet()) {
                if (entry.getValue().isPresent()) {
                    ApplicationStore.save(connection, entry.getValue().get());
                } else {
                    ApplicationStore.forget(connection, List.of(entry.getKey()));
                }
            }
        });
    }
}
