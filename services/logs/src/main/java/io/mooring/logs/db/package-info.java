/** SQL: one class for each thing that is kept. */
@NullMarked
package io.mooring.logs.db;

import org.jspecify.annotations.NullMarked;
