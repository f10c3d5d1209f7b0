/** Reads topics whose records this node's broker is to deliver, and counts as read what the broker has. */
@NullMarked
package io.mooring.bridge.delivery;

import org.jspecify.annotations.NullMarked;
