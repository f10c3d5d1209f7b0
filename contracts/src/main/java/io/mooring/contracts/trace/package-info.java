/** Which trace something belongs to: W3C Trace Context, as text. */
@NullMarked
package io.mooring.contracts.trace;

import org.jspecify.annotations.NullMarked;
