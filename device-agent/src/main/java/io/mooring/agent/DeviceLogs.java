package io.mooring.agent;

import io.mooring.agent.log.LogCollector;
import io.mooring.agent.spool.BatchSpool;
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
    private volatile @Nullable LogCollector collector;

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

    /** How many batches wait for the cloud. */
    int waiting() {
        LogCollector capturing = collector;
        return capturing == null ? 0 : capturing.waiting();
    }

    void connected() {
        LogCollector capturing = collector;
        if (capturing != null) {
            capturing.connected();
        }
    }

    /** What was captured for another account is none of the new one's business. */
    void forget() throws IOException {
        LogCollector capturing = collector;
        if (capturing != null) {
            capturing.forget();
        } else {
            BatchSpool.forget(folder);
        }
    }

    @Override
    public void close() {
        LogCollector capturing = collector;
        if (capturing != null) {
            capturing.close();
        }
    }
}
