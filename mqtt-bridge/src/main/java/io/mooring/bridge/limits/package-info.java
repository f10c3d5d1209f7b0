/** How much a client may say. */
@NullMarked
package io.mooring.bridge.limits;

import org.jspecify.annotations.NullMarked;
