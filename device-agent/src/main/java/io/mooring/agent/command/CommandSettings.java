package io.mooring.agent.command;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Who does which commands. What nobody does is rejected.
 *
 * @param handlers by the command's name
 */
public record CommandSettings(Map<String, Entry> handlers) {
    /** How long a command may take where nothing else is said. */
    public static final Duration USUAL_TIMEOUT = Duration.ofSeconds(60);

    /** Nobody does any but those the agent does itself. */
    public static final CommandSettings NONE = new CommandSettings(Map.of());

    /**
     * Who does one kind.
     *
     * @param timeout after which it is given up
     */
    public record Entry(CommandHandler handler, Duration timeout) {}

    public CommandSettings {
        handlers = Map.copyOf(handlers);
    }

    /** With one more. */
    public CommandSettings with(String name, CommandHandler handler, Duration timeout) {
        if (name.isEmpty() || timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("a command has a name, and takes some time");
        }
        Map<String, Entry> more = new HashMap<>(handlers);
        more.put(name, new Entry(handler, timeout));
        return new CommandSettings(more);
    }

    /** With one more that a program does, see {@link CommandProgram}. */
    public CommandSettings withProgram(String name, List<String> commandLine, Duration timeout) {
        return with(name, new CommandProgram(commandLine), timeout);
    }
}
