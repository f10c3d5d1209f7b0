/** What comes from Kafka, and what goes there. */
@NullMarked
package io.mooring.logs.kafka;

import org.jspecify.annotations.NullMarked;
