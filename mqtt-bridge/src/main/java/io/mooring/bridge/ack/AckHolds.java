package io.mooring.bridge.ack;

import com.hivemq.extension.sdk.api.client.ClientContext;
import com.hivemq.extension.sdk.api.client.parameter.InitializerInput;
import com.hivemq.extension.sdk.api.client.parameter.ServerInformation;
import com.hivemq.extension.sdk.api.packets.general.MqttVersion;
import io.mooring.bridge.BridgeConfig;
import io.mooring.bridge.BridgeConfig.Acknowledgement;
import io.mooring.bridge.kafka.Batching;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives each connection the best way of holding acknowledgements that this broker allows. */
public final class AckHolds {
    private static final Logger LOG = LoggerFactory.getLogger(AckHolds.class);
    private static final String HANDLER_NAME = "mooring-acknowledgement-gate";

    /** By then the connection has long been ended, so that no PUBACK can get out. */
    private static final Duration HOLD_MARGIN = Duration.ofSeconds(60);

    private final Optional<BrokerInternals> internals;
    private final Duration timeout;
    private final Map<EventLoop, ReleaseQueue> releases = new ConcurrentHashMap<>();

    /** By what is wanted, and what this broker allows. */
    public AckHolds(BridgeConfig config, ServerInformation server) {
        this.internals =
                config.acknowledgement() == Acknowledgement.SDK ? Optional.empty() : BrokerInternals.of(server);
        this.timeout = Duration.ofMillis(config.deliveryTimeoutMillis()).plus(HOLD_MARGIN);
    }

    /** The way that is used, for the log. */
    public String way() {
        return internals.isPresent() ? "gate" : "sdk";
    }

    /**
     * How it pays to gather batches for Kafka. By the SDK one task of a client waits for Kafka at a time, so that waiting is
     * what bounds it: a batch leaves when the one before is answered, with what came in meanwhile, and nothing waits longer.
     * By the gate nobody waits, and a batch gathers for a moment so that there are fewer.
     */
    public Batching batching() {
        return internals.isPresent() ? new Batching(1, 5) : new Batching(0, 1);
    }

    /** Puts a hold into a new connection. */
    public AckHold install(
            InitializerInput input, ClientContext context, Supplier<CompletableFuture<Boolean>> endConnection) {
        if (internals.isPresent()) {
            Optional<Channel> channel =
                    internals.get().channel(input.getConnectionInformation().getConnectionAttributeStore());
            if (channel.isPresent()) {
                try {
                    return gate(internals.get(), channel.get(), input, endConnection);
                } catch (NoSuchElementException torn) {
                    // The connection is gone already, and its pipeline with it; the rest is told so in its turn.
                    LOG.debug("a connection was gone before it began", torn);
                }
            }
        }
        SdkAckHold hold = new SdkAckHold(timeout, endConnection);
        context.addPubackOutboundInterceptor(hold);
        return hold;
    }

    private AckHold gate(
            BrokerInternals known,
            Channel channel,
            InitializerInput input,
            Supplier<CompletableFuture<Boolean>> endConnection) {
        GateAckHold hold = new GateAckHold(
                known.form(),
                input.getConnectionInformation().getMqttVersion() == MqttVersion.V_5,
                () -> {
                    var unused = endConnection.get();
                },
                releases.computeIfAbsent(channel.eventLoop(), ReleaseQueue::new));
        channel.pipeline().addAfter(BrokerInternals.BEFORE_ENCODING, HANDLER_NAME, hold);
        return hold;
    }
}
