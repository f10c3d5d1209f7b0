/** How much devices may tell of what they measure. */
@NullMarked
package io.mooring.bench.telemetry;

import org.jspecify.annotations.NullMarked;
