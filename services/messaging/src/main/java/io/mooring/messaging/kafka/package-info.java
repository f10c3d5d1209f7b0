/** What messaging reads from Kafka. */
@NullMarked
package io.mooring.messaging.kafka;

import org.jspecify.annotations.NullMarked;
