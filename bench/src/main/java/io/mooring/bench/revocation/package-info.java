/** How long it takes from an operator's call until a device's connection is closed. */
@NullMarked
package io.mooring.bench.revocation;

import org.jspecify.annotations.NullMarked;
