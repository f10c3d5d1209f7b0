package io.mooring.messaging.core;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What somebody asks of devices.
 *
 * @param cloud whose devices
 * @param name what the agent is to do, such as {@code reboot}
 * @param args a JSON object, or null
 * @param description for people, or null
 * @param starts when to begin; null for at once
 * @param pace how fast
 * @param stop when to give up
 * @param expiresSeconds how long a device may take to get it, once it was sent
 * @param timeoutSeconds how long a device that has it may say nothing
 */
public record CommandRequest(
        String cloud,
        String name,
        @Nullable String args,
        @Nullable String description,
        Target target,
        @Nullable Instant starts,
        Pace pace,
        StopRule stop,
        int expiresSeconds,
        int timeoutSeconds) {}
