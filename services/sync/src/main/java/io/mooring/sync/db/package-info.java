/** What sync keeps in PostgreSQL: explicit SQL, one class per aggregate, all of a batch in one transaction. */
@NullMarked
package io.mooring.sync.db;

import org.jspecify.annotations.NullMarked;
