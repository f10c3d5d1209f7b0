/** What a point, a window and a span are, and what may be asked of them. Pure. */
@NullMarked
package io.mooring.metrics.core;

import org.jspecify.annotations.NullMarked;
