/**
 * Whether a trail is whole and nobody changed it. Sees what {@code aws cloudtrail validate-logs} sees, and what that is blind
 * to: what became of the head of the chain, what no digest names, what one who holds the key rewrote or left out.
 */
@NullMarked
package io.mooring.audit.core.verify;

import org.jspecify.annotations.NullMarked;
