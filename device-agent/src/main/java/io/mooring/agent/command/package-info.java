/**
 * What the cloud asks a device to do: rows of the model {@code Command}, each done at most once, one of a kind at a time,
 * and answered by rows of {@code CommandResult}.
 */
@NullMarked
package io.mooring.agent.command;

import org.jspecify.annotations.NullMarked;
