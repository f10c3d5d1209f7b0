package io.mooring.bridge.session;

import com.hivemq.extension.sdk.api.packets.disconnect.DisconnectReasonCode;
import com.hivemq.extension.sdk.api.packets.general.Qos;
import com.hivemq.extension.sdk.api.services.Services;
import com.hivemq.extension.sdk.api.services.builder.Builders;
import com.hivemq.extension.sdk.api.services.publish.PublishToClientResult;
import io.mooring.bridge.registry.Admission;
import io.mooring.bridge.registry.DeviceEntry;
import io.mooring.bridge.registry.DeviceRegistry;
import io.mooring.contracts.mqtt.DeviceTopics;
import io.mooring.contracts.mqtt.Receiver;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends connections that the registry no longer allows, at once when it says so. A connection that was let in while the
 * registry changed is caught when it arrives: whoever changes the registry looks at connections afterwards, and whoever
 * arrives among the connections looks at the registry afterwards, so one of the two sees the other. Besides, all are
 * looked at each second, for those whose certificate's time is over.
 */
public final class SessionGuard implements DeviceRegistry.Listener {
    /** Below a receiver: it sends too much. */
    private static final String THROTTLE = "mqtt/throttle";

    /** The broker may not know a connection yet that was just let in. */
    private static final long RETRY_MILLIS = 20;

    private static final Logger LOG = LoggerFactory.getLogger(SessionGuard.class);

    private final DeviceRegistry registry;
    private final SessionDirectory sessions;
    private final Clock clock;
    private final long releaseGraceMillis;

    public SessionGuard(DeviceRegistry registry, SessionDirectory sessions, Clock clock, long releaseGraceMillis) {
        this.registry = registry;
        this.sessions = sessions;
        this.clock = clock;
        this.releaseGraceMillis = releaseGraceMillis;
    }

    @Override
    public void changed(String device, Optional<DeviceEntry> entry) {
        Optional<DeviceSession> session = sessions.connected(device);
        if (session.isPresent()) {
            check(session.get(), entry);
        } else if (sessions.window(device).isPresent() && isOver(entry)) {
            // What waits for the device here must not reach whoever owns it next.
            invalidate(device);
        }
    }

    @Override
    public void reloaded() {
        sessions.known().forEach(device -> changed(device, registry.find(device)));
    }

    /** A connection is there now; looks whether it still may. */
    void arrived(DeviceSession session) {
        check(session, registry.find(session.device()));
    }

    /** Looks at all connections. To be called each second or so. */
    public void sweep() {
        sessions.sweep();
        sessions.connected().forEach(session -> check(session, registry.find(session.device())));
    }

    /** Ends a connection for a reason that is not the registry's. */
    public CompletableFuture<Boolean> end(DeviceSession session, DisconnectReasonCode code, String reason) {
        if (!session.beginEnding()) {
            return CompletableFuture.completedFuture(false);
        }
        return disconnect(session, code, reason);
    }

    private void check(DeviceSession session, Optional<DeviceEntry> entry) {
        Admission now = clock.instant().isAfter(session.expires())
                ? new Admission.Refused(Admission.EXPIRED_CERTIFICATE, false)
                : Admission.decide(entry.orElse(null), session.fingerprint());
        if (now instanceof Admission.Admitted admitted) {
            boolean moved = !admitted.entry().cloud().equals(session.entry().cloud())
                    || !admitted.entry().account().equals(session.entry().account());
            if (moved && session.beginEnding()) {
                disconnectForGood(session, "moved");
            }
        } else if (now instanceof Admission.Refused refused && session.beginEnding()) {
            LOG.info("ending the connection of {}: {}", session.device(), refused.code());
            if (refused.code().equals(Admission.RELEASED_DEVICE)) {
                release(session);
            } else if (isOver(entry)) {
                disconnectForGood(session, refused.code());
            } else {
                var unused = disconnect(session, DisconnectReasonCode.NOT_AUTHORIZED, refused.code());
            }
        }
    }

    private static boolean isOver(Optional<DeviceEntry> entry) {
        return entry.isEmpty() || entry.get().state() == DeviceEntry.State.RELEASED;
    }

    /** Asks a device to speak less (device protocol, section 2, throttle). */
    public void slowDown(DeviceSession session) {
        LOG.info("{} sends too much and is asked to slow down", session.device());
        var unused = tell(session.device(), THROTTLE, "{\"timestamp\":" + clock.millis() + ",\"close\":false}");
    }

    private static CompletableFuture<PublishToClientResult> tell(String device, String tail, String payload) {
        return Services.publishService()
                .publishToClient(
                        Builders.publish()
                                .topic(new Receiver.Device(device).topic(tail))
                                .qos(Qos.AT_LEAST_ONCE)
                                .payload(ByteBuffer.wrap(payload.getBytes(StandardCharsets.US_ASCII)))
                                .build(),
                        device);
    }

    /** Tells the device that it was released (device protocol, section 1.3), then disconnects it. */
    private void release(DeviceSession session) {
        tell(session.device(), DeviceTopics.RELEASE, Long.toString(clock.millis()))
                .whenComplete((result, failure) -> Services.extensionExecutorService()
                        .schedule(
                                () -> disconnectForGood(session, Admission.RELEASED_DEVICE),
                                releaseGraceMillis,
                                TimeUnit.MILLISECONDS));
    }

    private void disconnectForGood(DeviceSession session, String reason) {
        disconnect(session, DisconnectReasonCode.NOT_AUTHORIZED, reason)
                .whenComplete((disconnected, failure) -> invalidate(session.device()));
    }

    private CompletableFuture<Boolean> disconnect(DeviceSession session, DisconnectReasonCode code, String reason) {
        String device = session.device();
        return Services.clientService()
                .disconnectClient(device, true, code, reason)
                .whenComplete((disconnected, failure) -> {
                    if (failure != null) {
                        LOG.warn("could not disconnect {}: {}", device, failure.toString());
                    } else if (!disconnected && isConnected(session)) {
                        Services.extensionExecutorService()
                                .schedule(() -> retry(session, code, reason), RETRY_MILLIS, TimeUnit.MILLISECONDS);
                    }
                });
    }

    private void retry(DeviceSession session, DisconnectReasonCode code, String reason) {
        if (isConnected(session)) {
            var unused = disconnect(session, code, reason);
        }
    }

    private boolean isConnected(DeviceSession session) {
        return sessions.connected(session.device()).filter(session::equals).isPresent();
    }

    private void invalidate(String device) {
        Services.clientService().invalidateSession(device).whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.warn("could not end the session of {}: {}", device, failure.toString());
            }
            sessions.forget(device);
        });
    }
}
