/**
 * How many messages a second the bridge carries, acknowledged after Kafka has them, beside what the
 * broker and Kafka carry alone: same machine, same run, same load generator.
 */
@NullMarked
package io.mooring.bench.bridge;

import org.jspecify.annotations.NullMarked;
