/** Explicit SQL, all of a batch in one statement. */
@NullMarked
package io.mooring.metrics.db;

import org.jspecify.annotations.NullMarked;
