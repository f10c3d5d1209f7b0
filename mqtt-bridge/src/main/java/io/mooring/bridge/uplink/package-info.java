/**
 * What devices say: authorized here, handed to Kafka with its payload untouched, and acknowledged
 * by the broker only once Kafka has it.
 */
@NullMarked
package io.mooring.bridge.uplink;

import org.jspecify.annotations.NullMarked;
