package io.mooring.bridge.event;

import io.mooring.bridge.kafka.RecordSender;
import io.mooring.contracts.kafka.EventTypes;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntSupplier;

/**
 * Says every few seconds that this broker node is there. Whoever hears nothing of it for four times as long knows that
 * it is gone, and its connections with it; it could not say so itself.
 */
public final class Heartbeat implements AutoCloseable {
    /** How often it is said. */
    public static final int SECONDS = 5;

    private final RecordSender sender;
    private final String topic;
    private final String node;
    private final Clock clock;
    private final IntSupplier devices;
    private final IntSupplier applications;
    private final EventCodec codec;
    private final Instant started;
    private final CompletableFuture<Void> said = new CompletableFuture<>();

    /**
     * With what it says.
     *
     * @param devices how many are connected
     * @param applications how many connections of applications there are
     */
    public Heartbeat(
            RecordSender sender,
            String topic,
            String node,
            Clock clock,
            IntSupplier devices,
            IntSupplier applications) {
        this.sender = sender;
        this.topic = topic;
        this.node = node;
        this.clock = clock;
        this.devices = devices;
        this.applications = applications;
        this.codec = new EventCodec("/bridges/" + node);
        this.started = clock.instant();
    }

    /** Says it once. What Kafka does not take is not said again: the next is. */
    public void beat() {
        say(false);
    }

    /**
     * Completes when Kafka has it for the first time. Who is let in before that by a node that dies would be believed to be
     * connected for ever: nobody waits for the signs of life of a node that has given none.
     */
    public CompletableFuture<Void> said() {
        return said;
    }

    private void say(boolean stopped) {
        Instant now = clock.instant();
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("node", node);
        fields.put("started", EventCodec.time(started));
        fields.put("time", EventCodec.time(now));
        if (stopped) {
            fields.put("stopped", true);
        } else {
            fields.put("devices", devices.getAsInt());
            fields.put("applications", applications.getAsInt());
        }
        sender.send(
                codec.record(topic, node, EventTypes.BROKER_NODE, "node/" + node, null, null, now, fields), failure -> {
                    if (failure == null) {
                        said.complete(null);
                    }
                });
    }

    /** Says that it leaves in order. */
    @Override
    public void close() {
        say(true);
    }
}
