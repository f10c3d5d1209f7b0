/** Hybrid logical clocks: the time of a write, ordered the same at every replica. */
@NullMarked
package io.mooring.contracts.clock;

import org.jspecify.annotations.NullMarked;
