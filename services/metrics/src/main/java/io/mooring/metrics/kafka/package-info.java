/** What comes from Kafka, and what goes there. */
@NullMarked
package io.mooring.metrics.kafka;

import org.jspecify.annotations.NullMarked;
