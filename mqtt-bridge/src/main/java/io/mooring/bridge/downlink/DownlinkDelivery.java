package io.mooring.bridge.downlink;

import com.hivemq.extension.sdk.api.packets.disconnect.DisconnectReasonCode;
import com.hivemq.extension.sdk.api.packets.general.Qos;
import com.hivemq.extension.sdk.api.services.Services;
import com.hivemq.extension.sdk.api.services.builder.Builders;
import com.hivemq.extension.sdk.api.services.publish.Publish;
import com.hivemq.extension.sdk.api.services.publish.PublishToClientResult;
import io.mooring.bridge.session.DeliveryWindow;
import io.mooring.bridge.session.DeviceSession;
import io.mooring.bridge.session.SessionDirectory;
import io.mooring.bridge.session.SessionGuard;
import io.mooring.contracts.mqtt.DeviceTopics;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands messages to the broker for devices, no more than each device's window holds. */
final class DownlinkDelivery {
    private static final Logger LOG = LoggerFactory.getLogger(DownlinkDelivery.class);

    private final SessionDirectory sessions;
    private final Addressees addressees;
    private final SessionGuard guard;
    private final long stallNanos;
    private final LongAdder delivered = new LongAdder();
    private final LongAdder dropped = new LongAdder();

    DownlinkDelivery(SessionDirectory sessions, Addressees addressees, SessionGuard guard, long stallMillis) {
        this.sessions = sessions;
        this.addressees = addressees;
        this.guard = guard;
        this.stallNanos = TimeUnit.MILLISECONDS.toNanos(stallMillis);
    }

    long delivered() {
        return delivered.sum();
    }

    long dropped() {
        return dropped.sum();
    }

    /**
     * Hands a message to the broker for all who are to hear it.
     *
     * @param progress told when the broker has it
     * @return false if a connected device must first acknowledge what it was sent before; nothing
     *     was handed over then
     */
    boolean deliver(Downlink downlink, Progress.Step progress) {
        List<String> devices = hearers(downlink);
        for (String device : devices) {
            if (mustWait(device)) {
                return false;
            }
        }
        Publish publish = Builders.publish()
                .topic(downlink.receiver().topic(downlink.tail()))
                .qos(Qos.AT_LEAST_ONCE)
                .payload(ByteBuffer.wrap(downlink.payload()))
                .build();
        boolean everyoneListens = !DeviceTopics.isReserved(publish.getTopic());
        for (String device : devices) {
            sessions.window(device).ifPresent(window -> deliver(publish, device, window, everyoneListens, progress));
        }
        progress.allHandedOver();
        return true;
    }

    private List<String> hearers(Downlink downlink) {
        List<String> devices = addressees.of(downlink.cloud(), downlink.receiver());
        return downlink.except().isEmpty()
                ? devices
                : devices.stream()
                        .filter(device -> !downlink.except().contains(device))
                        .toList();
    }

    private boolean mustWait(String device) {
        Optional<DeliveryWindow> window = sessions.window(device);
        if (window.isEmpty() || !window.get().isFull()) {
            return false;
        }
        Optional<DeviceSession> session = sessions.connected(device);
        if (session.isEmpty()) {
            return false;
        }
        if (window.get().stalledNanos() < stallNanos) {
            return true;
        }
        // It asks for what it missed when it is back (device protocol, section 3).
        LOG.warn(
                "{} acknowledges nothing and {} messages wait for it; ending its connection",
                device,
                window.get().outstanding());
        var unused = guard.end(session.get(), DisconnectReasonCode.QUOTA_EXCEEDED, "downlink-stalled");
        return true;
    }

    private void deliver(
            Publish publish, String device, DeliveryWindow window, boolean everyoneListens, Progress.Step progress) {
        if (window.isFull()) {
            dropped.increment();
            return;
        }
        window.sent();
        progress.begun();
        Services.publishService().publishToClient(publish, device).whenComplete((result, failure) -> {
            if (failure != null) {
                window.settled();
                progress.failed();
                return;
            }
            if (result == PublishToClientResult.NOT_SUBSCRIBED) {
                window.settled();
                // Who has a session listens to its own topics, so this one has none any more; to shadows only who
                // likes.
                if (everyoneListens && sessions.connected(device).isEmpty()) {
                    sessions.forget(device);
                }
            } else {
                delivered.increment();
            }
            progress.finished();
        });
    }
}
