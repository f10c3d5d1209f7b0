/**
 * Kafka in a process of its own, from Maven artifacts: one node that is broker and controller
 * (KRaft), formatted at first start, on loopback. It decides nothing; it is what a cloud of one
 * machine uses where a bigger one has a cluster.
 */
@NullMarked
package io.mooring.devstack.kafka;

import org.jspecify.annotations.NullMarked;
