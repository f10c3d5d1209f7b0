/** The audit trail, as told by whoever has no transaction to tell it in. */
@NullMarked
package io.mooring.chassis.audit;

import org.jspecify.annotations.NullMarked;
