package io.mooring.sync;

import io.mooring.chassis.db.Database;
import io.mooring.contracts.schema.Scope;
import io.mooring.contracts.sync.StreamPosition;
import io.mooring.sync.core.CloudSchema;
import io.mooring.sync.core.TableLayout;
import io.mooring.sync.db.ControlStore;
import io.mooring.sync.db.DeviceStore;
import io.mooring.sync.db.DeviceStore.Device;
import io.mooring.sync.db.RowStore;
import io.mooring.sync.db.StreamStore;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Takes note of devices, and of devices that change hands. */
@Singleton
public class DeviceHandler {
    private final Database database;
    private final SchemaHandler schemas;

    public DeviceHandler(Database database, SchemaHandler schemas) {
        this.database = database;
        this.schemas = schemas;
    }

    /** Takes what provisioning last said of devices; an empty one is gone. */
    public void handle(Map<String, Optional<Device>> last) throws SQLException {
        if (last.isEmpty()) {
            return;
        }
        Map<String, CloudSchema> clouds = new TreeMap<>();
        for (Optional<Device> device : last.values()) {
            if (device.isPresent() && !clouds.containsKey(device.get().cloud())) {
                clouds.put(device.get().cloud(), schemas.of(device.get().cloud()));
            }
        }
        database.run(connection -> {
            List<Device> present =
                    last.values().stream().flatMap(Optional::stream).toList();
            Map<String, Device> before = DeviceStore.lock(connection, last.keySet());
            List<String> gone = last.entrySet().stream()
                    .filter(device -> device.getValue().isEmpty())
                    .map(Map.Entry::getKey)
                    .toList();
            DeviceStore.forget(connection, gone);
            ControlStore.forget(connection, gone);
            DeviceStore.save(connection, present);
            ControlStore.forget(
                    connection,
                    present.stream()
                            .filter(device -> hasLeft(before.get(device.id()), device))
                            .map(Device::id)
                            .toList());
            List<Device> moved = present.stream()
                    .filter(device -> hasMoved(before.get(device.id()), device))
                    .toList();
            if (!moved.isEmpty()) {
                move(connection, moved, before, clouds);
            }
        });
    }

    /** What was set for a device in one cloud means nothing in another. */
    private static boolean hasLeft(@Nullable Device before, Device device) {
        return before != null && !before.cloud().equals(device.cloud());
    }

    private static boolean hasMoved(@Nullable Device before, Device device) {
        return before == null
                || !before.cloud().equals(device.cloud())
                || !Objects.equals(before.account(), device.account());
    }

    /** Rows follow their device to its account; a device with another owner starts anew. */
    private static void move(
            Connection connection, List<Device> moved, Map<String, Device> before, Map<String, CloudSchema> clouds)
            throws SQLException {
        for (CloudSchema cloud : clouds.values()) {
            List<String> devices = new ArrayList<>();
            List<String> accounts = new ArrayList<>();
            for (Device device : moved) {
                if (device.cloud().equals(cloud.cloud()) && device.account() != null) {
                    devices.add(device.id());
                    accounts.add(device.account());
                }
            }
            if (devices.isEmpty()) {
                continue;
            }
            for (TableLayout layout : cloud.layouts().values()) {
                if (layout.scope() == Scope.DEVICE) {
                    new RowStore(cloud, layout).moveToAccount(connection, devices, accounts);
                }
            }
        }
        List<String> known =
                moved.stream().map(Device::id).filter(before::containsKey).toList();
        if (!known.isEmpty()) {
            StreamPosition place = StreamStore.read(connection).resyncPlace();
            DeviceStore.resyncBefore(connection, known, place);
        }
    }
}
