/** How long a command takes to a device and back. */
@NullMarked
package io.mooring.bench.command;

import org.jspecify.annotations.NullMarked;
