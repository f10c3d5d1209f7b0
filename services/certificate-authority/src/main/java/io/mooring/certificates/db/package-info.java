/** Explicit SQL for authorities, certificates and the outbox. Times come in as arguments. */
@NullMarked
package io.mooring.certificates.db;

import org.jspecify.annotations.NullMarked;
