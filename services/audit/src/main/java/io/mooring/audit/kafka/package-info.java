/** What is read from Kafka, and the little that is written there. */
@NullMarked
package io.mooring.audit.kafka;

import org.jspecify.annotations.NullMarked;
