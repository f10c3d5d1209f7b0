package io.mooring.bridge.downlink;

import io.mooring.bridge.message.Message;
import io.mooring.contracts.mqtt.Receiver;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Something devices are told.
 *
 * @param cloud whose devices
 * @param receiver which of them
 * @param except devices that are not to hear it all the same
 * @param message what they hear
 * @param receipt what to say when the device has acknowledged it; null if nobody asked
 */
record Downlink(
        String cloud,
        Receiver receiver,
        Set<String> except,
        Message message,
        @Nullable String receipt) {}
