/**
 * Kafka and the broker as processes of their own, with an authority that makes certificates: what
 * integration tests and measurements of the bridge run against.
 */
@NullMarked
package io.mooring.bridge.stack;

import org.jspecify.annotations.NullMarked;
