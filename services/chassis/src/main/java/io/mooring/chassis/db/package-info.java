/** PostgreSQL: work in transactions. */
@NullMarked
package io.mooring.chassis.db;

import org.jspecify.annotations.NullMarked;
