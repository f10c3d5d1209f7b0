package io.mooring.sync;

import io.mooring.chassis.db.Database;
import io.mooring.contracts.schema.Model;
import io.mooring.sync.core.CloudControl;
import io.mooring.sync.core.CloudSchema;
import io.mooring.sync.core.ControlJson;
import io.mooring.sync.core.RowFilter;
import io.mooring.sync.core.TableControl;
import io.mooring.sync.core.TableLayout;
import io.mooring.sync.core.TableView;
import io.mooring.sync.db.CatchUpStore;
import io.mooring.sync.db.CloudStore;
import io.mooring.sync.db.ControlStore;
import io.mooring.sync.db.DeviceStore;
import io.mooring.sync.db.OutboxStore;
import io.mooring.sync.db.StreamStore;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sets what can be set of sync while it runs. What is set, what devices are owed because of it, what they are
 * told and what the audit trail hears is one transaction, which waits for those that go by what was set before.
 */
@Singleton
public class ControlHandler {
    /** The most devices of a cloud that may have something of their own set: each instance knows them all. */
    static final int MOST_DEVICES = 10_000;

    /** What was asked cannot be done. */
    public static final class RefusedException extends Exception {
        private final String code;

        RefusedException(String code, String detail) {
            super(detail, null, false, false);
            this.code = code;
        }

        public String code() {
            return code;
        }
    }

    private final Database database;
    private final SchemaHandler schemas;
    private final Controls controls;
    private final DownlinkMessages messages;
    private final CatchUpWorkers workers;

    public ControlHandler(
            Database database,
            SchemaHandler schemas,
            Controls controls,
            DownlinkMessages messages,
            CatchUpWorkers workers) {
        this.database = database;
        this.schemas = schemas;
        this.controls = controls;
        this.messages = messages;
        this.workers = workers;
    }

    /** A cloud as it is set. */
    public record State(CloudSchema schema, CloudControl control) {}

    /** How a cloud is set; empty if there is no such cloud. */
    public Optional<State> read(String cloud) throws SQLException {
        if (schemas.source(cloud).isEmpty()) {
            return Optional.empty();
        }
        schemas.forget(cloud);
        CloudSchema schema = schemas.of(cloud);
        return Optional.of(new State(schema, database.read(connection -> controls.of(connection, cloud))));
    }

    /**
     * Sets a table for a whole cloud, or for one of its devices; nothing set leaves it to the cloud or the schema.
     *
     * @param device which, or null for the whole cloud
     * @param by who sets it, for the audit trail
     */
    public void setTable(String cloud, @Nullable String device, String model, TableControl wanted, String by)
            throws SQLException, RefusedException {
        decide(cloud, (connection, schema, before) -> {
            TableLayout layout = schema.layout(model);
            if (layout == null) {
                throw new RefusedException("unknown-model", "The cloud's schema has no model '" + model + "'.");
            }
            RowFilter rows = wanted.rows();
            Optional<String> unfit = rows == null ? Optional.empty() : rows.unfitFor(layout.model());
            if (unfit.isPresent()) {
                throw new RefusedException("filter-does-not-fit", unfit.get() + ".");
            }
            checkDevice(connection, cloud, device, before);
            ControlStore.setTable(connection, cloud, device == null ? ControlStore.WHOLE_CLOUD : device, model, wanted);
            return (now, told) -> {
                if (givesMore(layout.model(), device, before, now)) {
                    StreamStore.Stream stream = StreamStore.lock(connection);
                    ControlStore.giveAnew(
                            connection,
                            cloud,
                            device == null ? ControlStore.WHOLE_CLOUD : device,
                            model,
                            stream.resyncPlace());
                    CatchUpStore.owe(connection, cloud, device, stream.position());
                }
                told.add(device == null ? toAll(cloud, now) : toDevice(cloud, device, now));
                Map<String, @Nullable String> parameters = new LinkedHashMap<>();
                parameters.put("device", device);
                parameters.put("table", model);
                parameters.put("direction", wanted.direction() == null ? null : label(wanted.direction()));
                parameters.put("rows", rows == null ? null : rows.label());
                told.add(messages.auditControl(
                        cloud, by, "SetTableControl", parameters, OutboxStore.nextAuditPosition(connection)));
            };
        });
    }

    /** Pauses a device: from now on it neither gives nor gets rows. Resumed, it gets all it missed. */
    public void pause(String cloud, String device, boolean paused, String by) throws SQLException, RefusedException {
        decide(cloud, (connection, schema, before) -> {
            checkDevice(connection, cloud, device, before);
            if (before.isPaused(device) == paused) {
                return null;
            }
            if (paused) {
                ControlStore.pause(
                        connection, cloud, device, StreamStore.lock(connection).position());
            } else {
                ControlStore.resume(connection, device);
            }
            return (now, told) -> {
                told.add(toDevice(cloud, device, now));
                Map<String, @Nullable String> parameters = new LinkedHashMap<>();
                parameters.put("device", device);
                told.add(messages.auditControl(
                        cloud,
                        by,
                        paused ? "PauseDevice" : "ResumeDevice",
                        parameters,
                        OutboxStore.nextAuditPosition(connection)));
            };
        });
    }

    /** What follows once a change is saved. */
    private interface Consequences {
        void follow(CloudControl now, List<OutboxStore.Message> told) throws SQLException;
    }

    /** A change of what is set; null if there is nothing to change. */
    private interface Change {
        @Nullable
        Consequences save(Connection connection, CloudSchema schema, CloudControl before)
                throws SQLException, RefusedException;
    }

    /** Carries a refusal out of a transaction. */
    private static final class RefusedInside extends RuntimeException {
        private final RefusedException refusal;

        RefusedInside(RefusedException refusal) {
            super(refusal.getMessage(), refusal, false, false);
            this.refusal = refusal;
        }
    }

    private void decide(String cloud, Change change) throws SQLException, RefusedException {
        if (schemas.source(cloud).isEmpty()) {
            throw new RefusedException("unknown-cloud", "There is no cloud of this name.");
        }
        schemas.forget(cloud);
        CloudSchema schema = schemas.of(cloud);
        try {
            database.run(connection -> {
                // Nobody merges by what was set before once this is done.
                CloudStore.lockExclusively(connection, cloud);
                try {
                    Consequences consequences = change.save(connection, schema, controls.of(connection, cloud));
                    if (consequences != null) {
                        long version = ControlStore.changed(connection, cloud);
                        List<OutboxStore.Message> told = new ArrayList<>();
                        consequences.follow(ControlStore.load(connection, cloud, version), told);
                        OutboxStore.add(connection, told);
                    }
                } catch (RefusedException e) {
                    throw new RefusedInside(e);
                }
            });
        } catch (RefusedInside e) {
            throw e.refusal;
        }
        workers.look();
    }

    private static void checkDevice(Connection connection, String cloud, @Nullable String device, CloudControl before)
            throws SQLException, RefusedException {
        if (device == null) {
            return;
        }
        boolean known = DeviceStore.find(connection, device)
                .filter(found -> found.cloud().equals(cloud))
                .isPresent();
        if (!known) {
            throw new RefusedException("unknown-device", "The cloud has no device '" + device + "'.");
        }
        if (!before.devices().containsKey(device) && before.devices().size() >= MOST_DEVICES) {
            throw new RefusedException(
                    "too-many-devices",
                    "At most " + MOST_DEVICES + " devices may differ from their cloud: set it for the whole cloud.");
        }
    }

    /** Whether somebody is given rows that were not given before. */
    private static boolean givesMore(Model model, @Nullable String device, CloudControl before, CloudControl now) {
        TableView view = device == null ? now.view(model) : now.view(model, device);
        return view.givesMoreThan(device == null ? before.view(model) : before.view(model, device));
    }

    private OutboxStore.Message toAll(String cloud, CloudControl now) {
        return messages.toAll(cloud, DownlinkMessages.CONTROL, ControlJson.ofCloud(now));
    }

    private OutboxStore.Message toDevice(String cloud, String device, CloudControl now) {
        return messages.toDevice(cloud, device, DownlinkMessages.CONTROL, ControlJson.ofDevice(now.device(device)));
    }

    private static String label(Enum<?> value) {
        return value.name().toLowerCase(java.util.Locale.ROOT);
    }
}
