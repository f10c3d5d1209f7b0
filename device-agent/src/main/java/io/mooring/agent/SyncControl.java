package io.mooring.agent;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How the cloud has set this device's sync, besides the schema; an extension of the device protocol, section 3.
 *
 * @param paused whether nothing goes up or comes down for the time being
 * @param cloud what is set for all devices of the cloud, by model
 * @param device what is set for this device; counts before that
 */
public record SyncControl(boolean paused, Map<String, Table> cloud, Map<String, Table> device) {
    /** All goes by the schema. */
    public static final SyncControl UNSET = new SyncControl(false, Map.of(), Map.of());

    /**
     * What is set for a table.
     *
     * @param direction {@code up}, {@code down}, {@code both} or {@code none}; null: as it is otherwise
     * @param rows whose rows this device is given, {@code own}, {@code account} or {@code all}; null likewise
     */
    public record Table(
            @Nullable String direction, @Nullable String rows) {}

    public SyncControl {
        cloud = Map.copyOf(cloud);
        device = Map.copyOf(device);
    }

    /** What is set for each table of which something is. */
    public Map<String, Table> tables() {
        Map<String, Table> tables = new TreeMap<>(cloud);
        device.forEach((model, own) -> tables.merge(
                model,
                own,
                (common, mine) -> new Table(
                        mine.direction() == null ? common.direction() : mine.direction(),
                        mine.rows() == null ? common.rows() : mine.rows())));
        return tables;
    }

    /** The same with the cloud's part replaced. */
    public SyncControl withCloud(Map<String, Table> tables) {
        return new SyncControl(paused, tables, device);
    }

    /** The same with the device's part replaced. */
    public SyncControl withDevice(boolean isPaused, Map<String, Table> tables) {
        return new SyncControl(isPaused, cloud, tables);
    }
}
