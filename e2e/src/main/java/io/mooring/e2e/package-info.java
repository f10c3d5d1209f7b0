/** What is shown across all rooms: devices of every kind against the whole cloud, both sides compared. */
@NullMarked
package io.mooring.e2e;

import org.jspecify.annotations.NullMarked;
