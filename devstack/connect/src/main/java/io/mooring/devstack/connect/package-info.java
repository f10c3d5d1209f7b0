/**
 * Kafka Connect with Debezium's PostgreSQL connector in a process of its own, from Maven artifacts:
 * a distributed worker, so that connectors and their offsets live in Kafka and the same connector
 * JSON serves here and on a cluster. Which connector runs is not decided here: see services/sync.
 */
@NullMarked
package io.mooring.devstack.connect;

import org.jspecify.annotations.NullMarked;
