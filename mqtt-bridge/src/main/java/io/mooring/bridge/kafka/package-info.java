/**
 * The bridge's way to Kafka: one producer whose memory is bounded and which never blocks, consumers
 * that start anew when they fail, and dead letters.
 */
@NullMarked
package io.mooring.bridge.kafka;

import org.jspecify.annotations.NullMarked;
