/** Kafka's side of the public API: topics, and the headers every record carries. */
@NullMarked
package io.mooring.contracts.kafka;

import org.jspecify.annotations.NullMarked;
