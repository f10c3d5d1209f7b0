/** Metrics with the real Kafka and PostgreSQL; the tests are the bridge and the devices. */
@NullMarked
package io.mooring.metrics.it;

import org.jspecify.annotations.NullMarked;
