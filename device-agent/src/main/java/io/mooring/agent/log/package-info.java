/**
 * The device's logs: captured from files, programs, the system's journal and the agent itself as it is configured, kept on disk, and sent
 * until the cloud says that it has them.
 */
@NullMarked
package io.mooring.agent.log;

import org.jspecify.annotations.NullMarked;
