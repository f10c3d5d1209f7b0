/**
 * Connections of devices: who is let in by certificate and registry, what they may subscribe, and
 * when a connection ends because the registry no longer allows it.
 */
@NullMarked
package io.mooring.bridge.session;

import org.jspecify.annotations.NullMarked;
