/** Explicit SQL for products, devices, operators and the outbox. Times come in as arguments. */
@NullMarked
package io.mooring.provisioning.db;

import org.jspecify.annotations.NullMarked;
