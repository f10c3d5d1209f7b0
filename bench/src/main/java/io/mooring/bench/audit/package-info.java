/** How fast the audit trail is written. */
@NullMarked
package io.mooring.bench.audit;

import org.jspecify.annotations.NullMarked;
