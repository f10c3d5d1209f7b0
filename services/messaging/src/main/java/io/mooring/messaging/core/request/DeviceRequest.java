package io.mooring.messaging.core.request;

import io.mooring.contracts.mqtt.DeviceTopics;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A device's request, as its topic says: {@code ioto/service/{id}/{name}/{seq}}, to be answered on {@code
 * ioto/device/{id}/{name}/{seq}} within 30 s (device protocol, section 2).
 *
 * @param name one to four levels, such as {@code store/get}
 * @param seq the device's own number
 */
public record DeviceRequest(String name, String seq) {
    /** The value of a row of the device's store. */
    public static final String STORE_GET = "store/get";

    private static final int MOST_LEVELS = 4;
    private static final Pattern SEQ = Pattern.compile("-?[0-9]{1,19}");

    /** Reads what is past {@code ioto/service/{id}/}; empty if it asks nothing. */
    public static Optional<DeviceRequest> parse(String tail) {
        int slash = tail.lastIndexOf('/');
        boolean asks =
                slash > 0 && SEQ.matcher(tail.substring(slash + 1)).matches() && isName(tail.substring(0, slash));
        return asks
                ? Optional.of(new DeviceRequest(tail.substring(0, slash), tail.substring(slash + 1)))
                : Optional.empty();
    }

    /** Whether something can be asked for by this name. */
    public static boolean isName(String name) {
        String[] levels = name.split("/", -1);
        if (levels.length > MOST_LEVELS) {
            return false;
        }
        for (String level : levels) {
            if (!DeviceTopics.isLevel(level)) {
                return false;
            }
        }
        return true;
    }

    /** Where the answer goes, past {@code ioto/device/{id}/}. */
    public String tail() {
        return name + "/" + seq;
    }
}
