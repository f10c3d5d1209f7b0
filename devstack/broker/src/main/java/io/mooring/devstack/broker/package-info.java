/**
 * Runs HiveMQ CE in a process of its own: writes its configuration, unpacks the extension a user
 * would install, starts the broker, says when it is ready and stops it on a signal. Decides nothing
 * about devices; that is the extension's.
 */
@NullMarked
package io.mooring.devstack.broker;

import org.jspecify.annotations.NullMarked;
