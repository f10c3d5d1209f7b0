package io.mooring.agent;

import io.mooring.agent.log.LogCollector;
import io.mooring.contracts.mqtt.DeviceTopics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The device's logs, if any are to be captured, on their way over its connection (device protocol, section 2). */
final class DeviceLogs implements AutoCloseable {
    private final AgentConfig config;
    private final Path folder;
    private final Messages messages;
    private final Consumer<AgentEvent> listener;
    private @Nullable LogCollector collector;

    DeviceLogs(AgentConfig config, Path folder, Messages messages, Consumer<AgentEvent> listener) {
        this.config = config;
        this.folder = folder;
        this.messages = messages;
        this.listener = listener;
    }

    void start() {
        if (config.base() || config.logs().sources().isEmpty()) {
            return;
        }
        Consumer<String> trouble = what -> listener.accept(new AgentEvent.Trouble(what));
        try {
            collector = LogCollector.start(
                    config.logs(),
                    folder,
                    batch -> messages.exchange(DeviceTopics.LOG_BATCH, batch, Messages.PATIENCE),
                    trouble,
                    config.clock());
        } catch (IOException unusable) {
            // A device that cannot log is a device all the same.
            trouble.accept("logs are not captured: " + unusable.getMessage());
        }
    }

    @Override
    public void close() {
        if (collector != null) {
            collector.close();
        }
    }
}
