package io.mooring.sync.core;

import java.util.Map;

/**
 * What was set for one device.
 *
 * @param paused whether it neither gives nor gets anything for the time being
 * @param tables by model, where it differs from its cloud
 */
public record DeviceControl(boolean paused, Map<String, TableControl> tables) {
    /** Nothing was set. */
    public static final DeviceControl UNSET = new DeviceControl(false, Map.of());

    public DeviceControl {
        tables = Map.copyOf(tables);
    }
}
