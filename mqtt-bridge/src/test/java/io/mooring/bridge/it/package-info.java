/** The bridge in a real broker, with a real Kafka. */
@NullMarked
package io.mooring.bridge.it;

import org.jspecify.annotations.NullMarked;
