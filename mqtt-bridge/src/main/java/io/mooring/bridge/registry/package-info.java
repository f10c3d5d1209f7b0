/**
 * Who may connect: the compacted registry topic held in memory, and what it says of a device and
 * its certificate.
 */
@NullMarked
package io.mooring.bridge.registry;

import org.jspecify.annotations.NullMarked;
