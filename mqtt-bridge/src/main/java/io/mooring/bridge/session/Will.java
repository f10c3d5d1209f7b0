package io.mooring.bridge.session;

import io.mooring.bridge.message.MessageProperties;
import io.mooring.contracts.mqtt.ApplicationTopics;

/**
 * What a device wants said on one of its application topics when its connection ends without a word (MQTT 5, section
 * 3.1.2.5).
 *
 * @param delaySeconds how long to wait whether it comes back
 */
public record Will(ApplicationTopics.Data data, byte[] payload, MessageProperties properties, long delaySeconds) {}
