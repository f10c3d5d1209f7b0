/**
 * What the cloud tells devices: read from Kafka, addressed to the devices of this broker node, and
 * counted as read only when the broker has it.
 */
@NullMarked
package io.mooring.bridge.downlink;

import org.jspecify.annotations.NullMarked;
