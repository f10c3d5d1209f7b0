/** Logs with the real Kafka and PostgreSQL; the tests are the bridge, sync and the devices. */
@NullMarked
package io.mooring.logs.it;

import org.jspecify.annotations.NullMarked;
