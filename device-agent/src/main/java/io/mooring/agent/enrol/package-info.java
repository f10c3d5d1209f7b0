/**
 * How a device becomes a member of a cloud: its id, its key, its certificate, and the requests by
 * which it gets them (device protocol, section 1). What it has is kept in files that are whole or
 * not there at all, whenever the power fails.
 */
@NullMarked
package io.mooring.agent.enrol;

import org.jspecify.annotations.NullMarked;
