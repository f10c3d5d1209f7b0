/** Kafka, for clients that are no channels. */
@NullMarked
package io.mooring.chassis.kafka;

import org.jspecify.annotations.NullMarked;
