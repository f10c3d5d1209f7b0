/** The service as it ships, with real PostgreSQL, Kafka and Debezium. */
@NullMarked
package io.mooring.sync.it;

import org.jspecify.annotations.NullMarked;
