/** Devices' access keys: who signed, and for what they are good. */
@NullMarked
package io.mooring.logs.access;

import org.jspecify.annotations.NullMarked;
