/** Devices' access keys: who signed, and for what they are good. */
@NullMarked
package io.mooring.metrics.access;

import org.jspecify.annotations.NullMarked;
