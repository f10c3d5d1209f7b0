/** What the bridge itself has to say: devices connecting and leaving, and what was refused. */
@NullMarked
package io.mooring.bridge.event;

import org.jspecify.annotations.NullMarked;
