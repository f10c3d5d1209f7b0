package io.mooring.bridge.downlink;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import com.hivemq.extension.sdk.api.packets.disconnect.DisconnectReasonCode;
import com.hivemq.extension.sdk.api.packets.general.Qos;
import com.hivemq.extension.sdk.api.services.Services;
import com.hivemq.extension.sdk.api.services.publish.Publish;
import com.hivemq.extension.sdk.api.services.publish.PublishToClientResult;
import io.mooring.bridge.delivery.DeliveryConsumer;
import io.mooring.bridge.delivery.Progress;
import io.mooring.bridge.message.InvalidRecordException;
import io.mooring.bridge.message.Message;
import io.mooring.bridge.registry.DeviceRegistry;
import io.mooring.bridge.session.DeliveryWindow;
import io.mooring.bridge.session.DeviceSession;
import io.mooring.bridge.session.SessionDirectory;
import io.mooring.bridge.session.SessionGuard;
import io.mooring.bridge.trace.Tracing;
import io.mooring.contracts.mqtt.DeviceTopics;
import io.mooring.contracts.mqtt.Receiver;
import io.opentelemetry.api.trace.Span;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands messages to the broker for devices, no more than each device's window holds. */
public final class DownlinkDelivery implements DeliveryConsumer.Delivery {
    private static final Logger LOG = LoggerFactory.getLogger(DownlinkDelivery.class);

    private static final String CLOUD_TOPICS = "ioto/";

    /** Hears what is told of devices' shadows, also those of devices that are elsewhere. */
    @FunctionalInterface
    public interface ShadowListener {
        /** Something was told; whoever hands it on begins a step of its own. */
        void told(String cloud, String device, Message message, Progress.Step step);
    }

    private final String dataTopic;
    private final ShadowListener shadows;
    private final SessionDirectory sessions;
    private final Addressees addressees;
    private final SessionGuard guard;
    private final Clock clock;
    private final long stallNanos;
    private final Tracing tracing;
    private final LongAdder delivered = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private final LongAdder expired = new LongAdder();

    /**
     * With what it needs.
     *
     * @param dataTopic the topic of what applications tell devices; records of any other are the cloud's own
     * @param shadows told of what is told of shadows
     * @param stallMillis when a connected device that acknowledges nothing is disconnected
     */
    public DownlinkDelivery(
            String dataTopic,
            ShadowListener shadows,
            DeviceRegistry registry,
            SessionDirectory sessions,
            SessionGuard guard,
            Clock clock,
            long stallMillis,
            Tracing tracing) {
        this.dataTopic = dataTopic;
        this.shadows = shadows;
        this.sessions = sessions;
        this.addressees = new Addressees(registry, sessions);
        this.guard = guard;
        this.clock = clock;
        this.tracing = tracing;
        this.stallNanos = TimeUnit.MILLISECONDS.toNanos(stallMillis);
    }

    /** Adds what is counted to the broker's metrics. */
    public void measure(MetricRegistry metrics) {
        metrics.gauge("io.mooring.bridge.downlink.delivered", () -> (Gauge<Long>) delivered::sum);
        metrics.gauge("io.mooring.bridge.downlink.dropped", () -> (Gauge<Long>) dropped::sum);
        metrics.gauge("io.mooring.bridge.downlink.expired", () -> (Gauge<Long>) expired::sum);
    }

    @Override
    public boolean deliver(ConsumerRecord<byte[], byte[]> message, Progress.Step step) throws InvalidRecordException {
        boolean data = message.topic().equals(dataTopic);
        return deliver(data ? DownlinkCodec.readData(message) : DownlinkCodec.read(message), message, step);
    }

    /**
     * Hands a message to the broker for all who are to hear it.
     *
     * @param record where it stood
     * @param progress told when the broker has it
     * @return false if a connected device must first acknowledge what it was sent before; nothing
     *     was handed over then
     */
    private boolean deliver(Downlink downlink, ConsumerRecord<byte[], byte[]> record, Progress.Step progress) {
        Message message = downlink.message();
        Instant now = clock.instant();
        if (message.properties().isExpired(now)) {
            expired.increment();
            progress.allHandedOver();
            return true;
        }
        List<String> devices = hearers(downlink);
        for (String device : devices) {
            if (mustWait(device)) {
                return false;
            }
        }
        Span recorded = tracing.isOn() && !devices.isEmpty() ? tracing.handing(record) : null;
        Map<String, String> followed = followed(downlink, recorded);
        Publish publish = message.publish(message.topic(), message.properties().qos(), now, followed);
        // Who has a session listens to what the cloud tells; to data and shadows only who likes.
        boolean everyoneListens = message.topic().startsWith(CLOUD_TOPICS);
        if (!followed.isEmpty()) {
            devices.forEach(device -> sessions.window(device).ifPresent(DeliveryWindow::askReceipt));
        }
        for (String device : devices) {
            sessions.window(device).ifPresent(window -> deliver(publish, device, window, everyoneListens, progress));
        }
        if (downlink.receiver() instanceof Receiver.Device device && DeviceTopics.isReserved(message.topic())) {
            shadows.told(downlink.cloud(), device.id(), message, progress);
        }
        if (recorded != null) {
            recorded.setAttribute("messaging.batch.message_count", devices.size())
                    .end();
        }
        progress.allHandedOver();
        return true;
    }

    /** By what the message is known when it leaves. */
    private static Map<String, String> followed(Downlink downlink, @Nullable Span recorded) {
        if (downlink.receipt() == null && recorded == null) {
            return Map.of();
        }
        Map<String, String> followed = new HashMap<>();
        if (downlink.receipt() != null) {
            followed.put(Receipts.PROPERTY, downlink.receipt());
        }
        if (recorded != null) {
            followed.put(Tracing.PROPERTY, Tracing.context(recorded).toString());
        }
        return followed;
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
        return sessions.window(device).filter(DeliveryWindow::isFull).isPresent()
                && sessions.connected(device).isPresent();
    }

    /**
     * Ends the connections of those that acknowledge nothing, be it that they do not, or that the broker does not deliver: after a crash it
     * can come to a standstill with a session whose messages it has only half of, and goes on when the device comes back. To be called each second or so.
     */
    public void sweep() {
        for (DeviceSession session : sessions.connected()) {
            if (session.window().isSilent(stallNanos)) {
                end(session);
            }
        }
    }

    /** It asks for what it missed when it is back (device protocol, section 3). */
    private void end(DeviceSession session) {
        DeliveryWindow window = session.window();
        LOG.warn(
                "{} acknowledges nothing and {} messages wait for it; ending its connection",
                session.device(),
                window.outstanding());
        window.resumed();
        var unused = guard.end(session, DisconnectReasonCode.QUOTA_EXCEEDED, "downlink-stalled");
    }

    private void deliver(
            Publish publish, String device, DeliveryWindow window, boolean everyoneListens, Progress.Step progress) {
        if (window.isFull()) {
            dropped.increment();
            return;
        }
        boolean counted = publish.getQos() != Qos.AT_MOST_ONCE;
        if (counted) {
            window.sent();
        }
        progress.begun();
        Services.publishService().publishToClient(publish, device).whenComplete((result, failure) -> {
            boolean taken = failure == null && result != PublishToClientResult.NOT_SUBSCRIBED;
            if (counted && !taken) {
                window.settled();
            }
            if (failure != null) {
                progress.failed();
                return;
            }
            if (taken) {
                delivered.increment();
            } else if (everyoneListens && sessions.connected(device).isEmpty()) {
                sessions.forget(device);
            }
            progress.finished();
        });
    }
}
