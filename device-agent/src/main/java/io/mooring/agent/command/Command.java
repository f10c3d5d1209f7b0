package io.mooring.agent.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Something the cloud asks for.
 *
 * @param id distinct for each
 * @param name what is asked for, such as {@code reboot}
 * @param args any JSON; missing if there are none
 * @param expires after that it is not begun any more; null if never
 */
public record Command(
        String id, String name, JsonNode args, @Nullable Instant expires) {}
