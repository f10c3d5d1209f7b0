package io.mooring.bridge.event;

import io.mooring.bridge.kafka.RecordSender;
import io.mooring.bridge.registry.DeviceEntry;
import io.mooring.contracts.kafka.EventTypes;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Says on the presence topic that devices connected and left. What Kafka does not take is said
 * later: of each device only its last state, so that what is held is bounded by the devices.
 */
public final class Presence {
    /**
     * One connection.
     *
     * @param session distinct for each; empty if it is not known which it was
     * @param address where it comes from
     * @param protocol such as {@code mqtt/5}
     * @param certificate what the device showed, see {@link io.mooring.bridge.registry.Fingerprint#hex}; empty if that is not known
     * @param since when it began; null if that is not known
     */
    public record Connection(
            String session,
            String address,
            String protocol,
            String certificate,
            @Nullable Instant since) {
        /** One of which nothing is known but that it was. */
        public static final Connection UNKNOWN = new Connection("", "", "", "", null);
    }

    private record Said(DeviceEntry device, boolean connected, Connection connection, String reason, Instant at) {}

    private final RecordSender sender;
    private final String topic;
    private final String node;
    private final Clock clock;
    private final String source;
    private final EventCodec codec;
    private final Map<String, Said> unsaid = new ConcurrentHashMap<>();

    public Presence(RecordSender sender, String topic, String node, Clock clock) {
        this.sender = sender;
        this.topic = topic;
        this.node = node;
        this.clock = clock;
        this.source = "/bridges/" + node;
        this.codec = new EventCodec(source);
    }

    /** What this node's events bear as {@code ce_source}. */
    public String source() {
        return source;
    }

    /** A device was connected. */
    public void connected(DeviceEntry device, Connection connection) {
        say(new Said(device, true, connection, "", clock.instant()));
    }

    /** A device's connection ended. */
    public void disconnected(DeviceEntry device, Connection connection, String reason) {
        say(new Said(device, false, connection, reason, clock.instant()));
    }

    /** Says what Kafka did not take before. To be called now and then. */
    public void sayAgain() {
        if (!unsaid.isEmpty() && !sender.isKafkaAway()) {
            Map.copyOf(unsaid).forEach((device, said) -> {
                if (unsaid.remove(device, said)) {
                    say(said);
                }
            });
        } else if (!unsaid.isEmpty()) {
            // One of them is the probe that finds out whether Kafka is back.
            unsaid.values().stream().findAny().ifPresent(said -> {
                if (unsaid.remove(said.device().device(), said)) {
                    say(said);
                }
            });
        }
    }

    private void say(Said said) {
        DeviceEntry device = said.device();
        // Something newer takes the place of what could not be said.
        unsaid.remove(device.device());
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("device", device.device());
        fields.put("cloud", device.cloud());
        fields.put("account", device.account());
        fields.put("node", node);
        fields.put("session", said.connection().session());
        fields.put("connected", said.connected());
        if (!said.connection().certificate().isEmpty()) {
            fields.put("certificate", said.connection().certificate());
        }
        if (!said.reason().isEmpty()) {
            fields.put("reason", said.reason());
        }
        if (!said.connection().address().isEmpty()) {
            fields.put("address", said.connection().address());
        }
        if (!said.connection().protocol().isEmpty()) {
            fields.put("protocol", said.connection().protocol());
        }
        if (said.connection().since() != null) {
            fields.put("since", EventCodec.time(said.connection().since()));
        }
        fields.put("at", EventCodec.time(said.at()));
        sender.send(
                codec.record(
                        topic,
                        device.device(),
                        said.connected() ? EventTypes.DEVICE_CONNECTED : EventTypes.DEVICE_DISCONNECTED,
                        "device/" + device.device(),
                        device.cloud(),
                        device.account(),
                        said.at(),
                        fields),
                failure -> {
                    if (failure != null) {
                        unsaid.putIfAbsent(device.device(), said);
                    }
                });
    }
}
