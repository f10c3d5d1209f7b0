package io.mooring.bridge;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import com.hivemq.extension.sdk.api.ExtensionMain;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartOutput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopOutput;
import io.mooring.bridge.trace.Tracing;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the broker starts and stops. */
public final class BridgeExtension implements ExtensionMain {
    /** What the names of our metrics begin with. */
    static final String METRICS = "io.mooring.bridge.";

    private static final Logger LOG = LoggerFactory.getLogger(BridgeExtension.class);

    private @Nullable Bridge bridge;

    @Override
    public void extensionStart(ExtensionStartInput input, ExtensionStartOutput output) {
        Path home = input.getExtensionInformation().getExtensionHomeFolder().toPath();
        // Kafka finds classes by name through it.
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        Thread.currentThread().setContextClassLoader(getClass().getClassLoader());
        try {
            BridgeConfig config = BridgeConfig.read(home.resolve("conf").resolve("bridge.properties"), System.getenv());
            bridge = new Bridge(config, input.getServerInformation(), Tracing.of(System.getenv(), config.nodeId()));
            bridge.start();
            LOG.info(
                    "bridge {} started: node {}, topics {}.*, Kafka at {}, acknowledgements by {}",
                    input.getExtensionInformation().getVersion(),
                    config.nodeId(),
                    config.topicsPrefix(),
                    config.kafka().get("bootstrap.servers"),
                    bridge.acknowledgementWay());
        } catch (IOException | RuntimeException failed) {
            LOG.error("the bridge cannot start: {}", failed.toString());
            output.preventExtensionStartup("the bridge cannot start: " + failed.getMessage());
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    @Override
    public void extensionStop(ExtensionStopInput input, ExtensionStopOutput output) {
        if (bridge != null) {
            bridge.close();
        }
    }

    static void gauge(MetricRegistry metrics, String name, Gauge<Number> value) {
        metrics.gauge(METRICS + name, () -> value);
    }
}
