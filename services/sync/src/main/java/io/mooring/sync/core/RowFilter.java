package io.mooring.sync.core;

import io.mooring.contracts.mqtt.DeviceTopics;
import io.mooring.contracts.mqtt.Receiver;
import io.mooring.contracts.schema.Model;
import io.mooring.contracts.schema.Scope;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which rows of a table a device is given. Whatever it is given, it writes only what its model's scope
 * makes its own: rows of others are there to be read.
 */
public enum RowFilter {
    /** Its own. */
    OWN,
    /** Those of its account's devices, or the account's. */
    ACCOUNT,
    /** Those of everybody in the cloud. */
    ALL;

    /** Whose rows a device is given by a model's keys alone. */
    public static RowFilter of(Scope scope) {
        return switch (scope) {
            case DEVICE -> OWN;
            case ACCOUNT -> ACCOUNT;
            case CLOUD -> ALL;
        };
    }

    /** The filter of a name, as {@link #label} writes it. */
    public static Optional<RowFilter> named(String name) {
        for (RowFilter filter : values()) {
            if (filter.label().equals(name)) {
                return Optional.of(filter);
            }
        }
        return Optional.empty();
    }

    /** {@code own}, {@code account} or {@code all}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Why a model's rows cannot be given out by this filter; empty if they can. On a device a row is named by
     * its {@code sk} alone, so rows of several owners can meet there only if {@code sk} says whose each is.
     */
    public Optional<String> unfitFor(Model model) {
        RowFilter base = of(model.scope());
        if (compareTo(base) < 0) {
            return Optional.of(
                    "rows of " + model.name() + " are shared by " + (base == ALL ? "everybody" : "an account")
                            + " already; to keep them from a device, set its direction");
        }
        String owner = model.scope() == Scope.DEVICE ? model.deviceIdField() : Model.ACCOUNT_ID;
        if (this != base && !model.sk().variables().contains(owner)) {
            return Optional.of("rows of several owners would bear one key on a device: the sk of " + model.name()
                    + " must contain ${" + owner + "}");
        }
        return Optional.empty();
    }

    /**
     * Who hears of a row where this is the filter; empty if its owner's id could not be an owner's.
     *
     * @param account the account of a device's row, or null if it has none: then only the device hears of it
     */
    public Optional<Receiver> receiver(Scope scope, String owner, @Nullable String account) {
        return switch (this) {
            case OWN -> device(owner);
            case ACCOUNT ->
                scope == Scope.DEVICE && account == null
                        ? device(owner)
                        : account(scope == Scope.DEVICE ? account : owner);
            case ALL -> Optional.of(new Receiver.Everybody());
        };
    }

    private static Optional<Receiver> device(String id) {
        return DeviceTopics.isLevel(id) ? Optional.of(new Receiver.Device(id)) : Optional.empty();
    }

    private static Optional<Receiver> account(@Nullable String id) {
        return id != null && DeviceTopics.isLevel(id) && !id.equals(Receiver.EVERYBODY)
                ? Optional.of(new Receiver.Account(id))
                : Optional.empty();
    }
}
