/** A message with MQTT's properties, as it is in MQTT and as it is in Kafka. */
@NullMarked
package io.mooring.bridge.message;

import org.jspecify.annotations.NullMarked;
