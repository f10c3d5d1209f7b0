/**
 * What the device measures: said by the program around the agent, read from files and programs as it is configured, kept on disk, and
 * sent until the cloud says that it has it.
 */
@NullMarked
package io.mooring.agent.metric;

import org.jspecify.annotations.NullMarked;
