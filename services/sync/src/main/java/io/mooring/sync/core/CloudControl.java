package io.mooring.sync.core;

import io.mooring.contracts.schema.Model;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * All that was set of a cloud's sync besides its schema: what a device has set counts before what its cloud
 * has set, and that before the schema.
 */
public final class CloudControl {
    /** A cloud that goes by its schema. */
    public static final CloudControl UNSET = new CloudControl(0, Map.of(), Map.of());

    private final long version;
    private final Map<String, TableControl> tables;
    private final Map<String, DeviceControl> devices;
    private final Set<String> paused = new TreeSet<>();
    private final Map<String, Set<String>> ownTables = new HashMap<>();
    private final Map<String, Set<String>> widened = new HashMap<>();

    /**
     * @param version rises with each change
     * @param tables what was set for the whole cloud, by model
     * @param devices what was set for single devices, by device
     */
    public CloudControl(long version, Map<String, TableControl> tables, Map<String, DeviceControl> devices) {
        this.version = version;
        this.tables = Map.copyOf(tables);
        this.devices = Map.copyOf(devices);
        devices.forEach((device, control) -> {
            if (control.paused()) {
                paused.add(device);
            }
            control.tables().forEach((model, own) -> {
                ownTables.computeIfAbsent(model, name -> new TreeSet<>()).add(device);
                if (own.rows() != null && own.rows() != RowFilter.OWN) {
                    widened.computeIfAbsent(model, name -> new TreeSet<>()).add(device);
                }
            });
        });
    }

    public long version() {
        return version;
    }

    /** What was set for the whole cloud, by model. */
    public Map<String, TableControl> tables() {
        return tables;
    }

    /** What was set for single devices, by device. */
    public Map<String, DeviceControl> devices() {
        return devices;
    }

    /** What was set for a device. */
    public DeviceControl device(String device) {
        return devices.getOrDefault(device, DeviceControl.UNSET);
    }

    /** Whether a device neither gives nor gets anything for the time being. */
    public boolean isPaused(String device) {
        return paused.contains(device);
    }

    /** A table as devices have it that have nothing of their own set. */
    public TableView view(Model model) {
        return refined(
                new TableView(model.sync(), RowFilter.of(model.scope())),
                model,
                tables.getOrDefault(model.name(), TableControl.UNSET));
    }

    /** A table as a device has it; whether the device is paused is another matter. */
    public TableView view(Model model, String device) {
        TableControl own = device(device).tables().getOrDefault(model.name(), TableControl.UNSET);
        return refined(view(model), model, own);
    }

    /** What does not fit the model, since that was changed meanwhile, counts as not set. */
    private static TableView refined(TableView view, Model model, TableControl control) {
        RowFilter rows = control.rows();
        return new TableView(
                control.direction() == null ? view.direction() : control.direction(),
                rows == null || rows.unfitFor(model).isPresent() ? view.rows() : rows);
    }

    /** Devices that may have a table otherwise than {@link #view(Model)} says. */
    public Set<String> exceptions(Model model) {
        Set<String> own = ownTables.getOrDefault(model.name(), Set.of());
        if (own.isEmpty()) {
            return paused;
        }
        Set<String> exceptions = new TreeSet<>(paused);
        exceptions.addAll(own);
        return exceptions;
    }

    /** Devices that have something of their own set for a table. */
    public Set<String> withOwn(Model model) {
        return ownTables.getOrDefault(model.name(), Set.of());
    }

    /** Devices that may hear of a row of a device's own, where the others hear of theirs only. */
    public Set<String> readersOf(Model model, String owner) {
        Set<String> wide = widened.getOrDefault(model.name(), Set.of());
        if (!withOwn(model).contains(owner)) {
            return wide;
        }
        Set<String> readers = new TreeSet<>(wide);
        readers.add(owner);
        return readers;
    }

    /** By which filters rows of a table are given out to anybody; empty if they go down to nobody. */
    public Set<RowFilter> filters(Model model) {
        Set<RowFilter> filters = EnumSet.noneOf(RowFilter.class);
        TableView common = view(model);
        if (common.direction().goesDown()) {
            filters.add(common.rows());
        }
        for (String device : withOwn(model)) {
            TableView view = view(model, device);
            if (view.direction().goesDown()) {
                filters.add(view.rows());
            }
        }
        return filters;
    }
}
