package io.mooring.bridge.downlink;

import io.mooring.contracts.mqtt.Receiver;
import java.util.Set;

/**
 * One thing the cloud tells.
 *
 * @param cloud the device cloud; nobody of another hears it
 * @param receiver whom
 * @param except devices that are not to hear it all the same
 * @param tail the MQTT topic past the receiver's own part
 * @param payload what, as it is sent
 */
record Downlink(String cloud, Receiver receiver, Set<String> except, String tail, byte[] payload) {}
