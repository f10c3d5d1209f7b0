package io.mooring.sync.core;

import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.mqtt.DeviceTopics;
import io.mooring.contracts.mqtt.Receiver;
import io.mooring.contracts.schema.Scope;
import java.util.Locale;
import java.util.Optional;

/**
 * A change of a row that devices are to hear of.
 *
 * @param cloud the schema of its cloud
 * @param layout its model's table
 * @param row the row afterwards
 * @param kind what happened
 * @param offset its place in the stream
 * @param complete whether all of the row is here; if not it must be looked up
 */
public record ChangedRow(CloudSchema cloud, TableLayout layout, Row row, Kind kind, long offset, boolean complete) {
    /** What happened to the row, as the protocol says it. */
    public enum Kind {
        INSERT,
        MODIFY,
        UPSERT,
        REMOVE;

        /** The topic below the receiver. */
        public String tail() {
            return "sync/" + name().toUpperCase(Locale.ROOT);
        }
    }

    /** Whom it concerns; empty if its owner's id could not be an owner's. */
    public Optional<Receiver> receiver() {
        return receiver(layout.scope(), row.key().owner());
    }

    /** Whom rows of an owner concern. */
    public static Optional<Receiver> receiver(Scope scope, String owner) {
        if (scope == Scope.CLOUD) {
            return Optional.of(new Receiver.Everybody());
        }
        if (!DeviceTopics.isLevel(owner) || (scope == Scope.ACCOUNT && owner.equals(Receiver.EVERYBODY))) {
            return Optional.empty();
        }
        return Optional.of(scope == Scope.DEVICE ? new Receiver.Device(owner) : new Receiver.Account(owner));
    }

    /** Whether the only device it concerns wrote it itself and need not hear of it. */
    public boolean isEcho() {
        HybridTimestamp latest = row.state().clock().latest();
        return layout.scope() == Scope.DEVICE
                && latest != null
                && latest.writer().equals(row.key().owner());
    }
}
