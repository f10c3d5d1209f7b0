package io.mooring.bridge.event;

import io.mooring.bridge.kafka.RecordSender;
import io.mooring.bridge.registry.DeviceEntry;
import io.mooring.contracts.kafka.EventTypes;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Says on the presence topic that devices connected and left. What Kafka does not take is said
 * later: of each device only its last state, so that what is held is bounded by the devices.
 */
public final class Presence {
    private record Said(DeviceEntry device, boolean connected, String session, String reason, Instant at) {}

    private final RecordSender sender;
    private final String topic;
    private final String node;
    private final Clock clock;
    private final EventCodec codec;
    private final Map<String, Said> unsaid = new ConcurrentHashMap<>();

    public Presence(RecordSender sender, String topic, String node, Clock clock) {
        this.sender = sender;
        this.topic = topic;
        this.node = node;
        this.clock = clock;
        this.codec = new EventCodec("/bridges/" + node);
    }

    /** A device was connected. */
    public void connected(DeviceEntry device, String session) {
        say(new Said(device, true, session, "", clock.instant()));
    }

    /** A device's connection ended. */
    public void disconnected(DeviceEntry device, String session, String reason) {
        say(new Said(device, false, session, reason, clock.instant()));
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
        fields.put("session", said.session());
        fields.put("connected", said.connected());
        if (!said.reason().isEmpty()) {
            fields.put("reason", said.reason());
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
