/** Sync's doors to Kafka: consumers, the producer, and the codecs of what devices and Debezium write. */
@NullMarked
package io.mooring.sync.kafka;

import org.jspecify.annotations.NullMarked;
