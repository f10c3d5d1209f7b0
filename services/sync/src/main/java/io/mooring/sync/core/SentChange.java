package io.mooring.sync.core;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A change as a device sent it, before anybody asked whether it may.
 *
 * @param key the name by which the device waits for its acknowledgement
 * @param command {@code create}, {@code update}, {@code upsert} or {@code remove}
 * @param item the row's members; a null is null
 * @param size how long the change is as JSON, in characters; 0 if it is certainly not too long
 * @param clock when it was written, by the device's hybrid clock; null from devices that have none
 * @param fields when each changed field was written; null from devices that do not say
 */
public record SentChange(
        String key,
        String command,
        Map<String, @Nullable Value> item,
        int size,
        @Nullable String clock,
        @Nullable Map<String, String> fields) {}
