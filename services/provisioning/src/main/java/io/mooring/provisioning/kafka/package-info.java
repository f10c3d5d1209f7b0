/** The records this service sends, as they stand in Kafka; docs/asyncapi.yaml describes them. */
@NullMarked
package io.mooring.provisioning.kafka;

import org.jspecify.annotations.NullMarked;
