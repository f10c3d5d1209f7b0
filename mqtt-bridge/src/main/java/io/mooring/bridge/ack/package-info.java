/** Keeps acknowledgements of what clients publish until Kafka has it, in one of two ways. */
@NullMarked
package io.mooring.bridge.ack;

import org.jspecify.annotations.NullMarked;
