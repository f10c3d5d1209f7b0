package io.mooring.sync.core;

import io.mooring.contracts.schema.Direction;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Writes what was set as devices are told it: an extension of the device protocol, section 3. */
public final class ControlJson {
    private ControlJson() {}

    /** What was set for the whole cloud: {@code {"cloud":{"tables":{…}}}}. */
    public static String ofCloud(CloudControl control) {
        StringBuilder json = new StringBuilder("{\"cloud\":");
        return appendCloud(json, control).append('}').toString();
    }

    /** What was set for one device: {@code {"device":{"paused":…,"tables":{…}}}}. */
    public static String ofDevice(DeviceControl control) {
        StringBuilder json = new StringBuilder("{\"device\":");
        return appendDevice(json, control).append('}').toString();
    }

    /** Both, for a device that was away. */
    public static String ofBoth(CloudControl control, String device) {
        StringBuilder json = new StringBuilder("{\"cloud\":");
        appendCloud(json, control).append(",\"device\":");
        return appendDevice(json, control.device(device)).append('}').toString();
    }

    private static StringBuilder appendCloud(StringBuilder json, CloudControl control) {
        return appendTables(json.append("{"), control.tables()).append('}');
    }

    private static StringBuilder appendDevice(StringBuilder json, DeviceControl control) {
        json.append("{\"paused\":").append(control.paused()).append(',');
        return appendTables(json, control.tables()).append('}');
    }

    private static StringBuilder appendTables(StringBuilder json, Map<String, TableControl> tables) {
        json.append("\"tables\":{");
        String separator = "";
        for (Map.Entry<String, TableControl> table : new TreeMap<>(tables).entrySet()) {
            json.append(separator);
            JsonText.quote(json, table.getKey());
            json.append(":{");
            Direction direction = table.getValue().direction();
            RowFilter rows = table.getValue().rows();
            if (direction != null) {
                json.append("\"direction\":");
                JsonText.quote(json, direction.name().toLowerCase(Locale.ROOT));
            }
            if (rows != null) {
                json.append(direction == null ? "" : ",").append("\"rows\":");
                JsonText.quote(json, rows.label());
            }
            json.append('}');
            separator = ",";
        }
        return json.append('}');
    }
}
