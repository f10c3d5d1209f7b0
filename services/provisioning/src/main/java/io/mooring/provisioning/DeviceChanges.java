package io.mooring.provisioning;

import io.mooring.provisioning.core.Change;
import io.mooring.provisioning.core.Device;
import io.mooring.provisioning.core.DeviceCommand;
import io.mooring.provisioning.core.DeviceDecider;
import io.mooring.provisioning.core.Outcome;
import io.mooring.provisioning.db.DeviceStore;
import io.mooring.provisioning.db.RevocationStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;

/** Changes a device: loads it, has it decided, saves it and says so, all in the caller's transaction. */
@ApplicationScoped
class DeviceChanges {
    private final DeviceStore devices;
    private final RevocationStore revocations;
    private final Journal journal;

    DeviceChanges(DeviceStore devices, RevocationStore revocations, Journal journal) {
        this.devices = devices;
        this.revocations = revocations;
        this.journal = journal;
    }

    /** The device with this id, which nobody else changes until the transaction ends. */
    Optional<Device> lock(Connection connection, String id) throws SQLException {
        devices.lock(connection, id);
        return devices.find(connection, id);
    }

    /** Changes the device with this id. */
    Outcome<Change> apply(Connection connection, String id, DeviceCommand command, Instant now) throws SQLException {
        return apply(connection, lock(connection, id), command, now);
    }

    /** Changes a device that was locked. */
    Outcome<Change> apply(Connection connection, Optional<Device> before, DeviceCommand command, Instant now)
            throws SQLException {
        Outcome<Change> decided = DeviceDecider.decide(before, command);
        if (decided instanceof Outcome.Done<Change>(Change change) && !before.equals(Optional.of(change.device()))) {
            devices.save(connection, change.device());
            if (before.isEmpty()) {
                devices.returned(connection, change.device().identity().id());
            }
            revocations.add(connection, change.revocations(), now);
            journal.write(connection, change, now);
        }
        return decided;
    }
}
