/** Messaging with the real Kafka, PostgreSQL, Debezium and sync; the tests are the bridge and the devices. */
@NullMarked
package io.mooring.messaging.it;

import org.jspecify.annotations.NullMarked;
