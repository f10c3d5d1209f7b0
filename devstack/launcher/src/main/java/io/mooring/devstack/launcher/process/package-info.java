/**
 * Child processes: started so that none outlives us, watched, started again with back-off, stopped
 * in order, their output kept in bounded files. It decides when a dead process is started again.
 */
@NullMarked
package io.mooring.devstack.launcher.process;

import org.jspecify.annotations.NullMarked;
