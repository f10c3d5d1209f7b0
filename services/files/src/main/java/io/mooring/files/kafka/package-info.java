/**
 * What is read from and written to Kafka: the registry of devices, from its beginning at each start, and the audit trail.
 * Plain clients: the registry's reader belongs to no group, and must know when it has caught up.
 */
@NullMarked
package io.mooring.files.kafka;

import org.jspecify.annotations.NullMarked;
