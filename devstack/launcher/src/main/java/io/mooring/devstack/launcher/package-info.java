/**
 * A whole cloud on one machine, as a library: which components there are, what each needs, where it
 * is found and reached, and the order in which all start and stop. It decides when a process is
 * started again and how long is waited for it; what the processes do is theirs.
 */
@NullMarked
package io.mooring.devstack.launcher;

import org.jspecify.annotations.NullMarked;
