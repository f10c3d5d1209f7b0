package io.mooring.bridge.session;

import com.hivemq.extension.sdk.api.async.Async;
import com.hivemq.extension.sdk.api.async.TimeoutFallback;
import com.hivemq.extension.sdk.api.auth.SimpleAuthenticator;
import com.hivemq.extension.sdk.api.auth.parameter.SimpleAuthInput;
import com.hivemq.extension.sdk.api.auth.parameter.SimpleAuthOutput;
import com.hivemq.extension.sdk.api.client.parameter.ConnectionInformation;
import com.hivemq.extension.sdk.api.packets.connect.ConnackReasonCode;
import com.hivemq.extension.sdk.api.packets.connect.ConnectPacket;
import com.hivemq.extension.sdk.api.packets.general.MqttVersion;
import io.mooring.bridge.application.DataPublisher;
import io.mooring.bridge.event.Presence;
import io.mooring.bridge.event.RefusalAudit;
import io.mooring.bridge.registry.Admission;
import io.mooring.bridge.registry.DeviceEntry;
import io.mooring.bridge.registry.DeviceRegistry;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets a device in if its certificate names it, and the registry lists the certificate. User names
 * and passwords mean nothing.
 */
public final class ConnectionAuthenticator implements SimpleAuthenticator {
    /** The connection attribute that holds the id of the session that was let in. */
    static final String SESSION_ATTRIBUTE = "mooring-session";

    private final DeviceRegistry registry;
    private final Supplier<CompletableFuture<Void>> ready;
    private final SessionDirectory sessions;
    private final RefusalAudit audit;
    private final Wills wills;
    private final Clock clock;
    private final long waitMillis;

    /**
     * With what is asked.
     *
     * @param ready completes when the bridge has all it needs to serve devices
     * @param clock says whether a certificate's time is over
     * @param waitMillis how long a device waits for the registry to learn of it
     */
    public ConnectionAuthenticator(
            DeviceRegistry registry,
            Supplier<CompletableFuture<Void>> ready,
            SessionDirectory sessions,
            RefusalAudit audit,
            Wills wills,
            Clock clock,
            long waitMillis) {
        this.registry = registry;
        this.ready = ready;
        this.sessions = sessions;
        this.audit = audit;
        this.wills = wills;
        this.clock = clock;
        this.waitMillis = waitMillis;
    }

    @Override
    public void onConnect(SimpleAuthInput input, SimpleAuthOutput output) {
        String clientId = input.getClientInformation().getClientId();
        Optional<ClientIdentity> identity = input.getConnectionInformation()
                .getClientTlsInformation()
                .flatMap(tls -> tls.getClientCertificate())
                .flatMap(ClientIdentity::of);
        if (identity.isEmpty() || !identity.get().device().equals(clientId)) {
            String named = identity.map(ClientIdentity::device).orElse("nobody");
            audit.refused(
                    RefusalAudit.Action.CONNECT,
                    clientId,
                    null,
                    Admission.WRONG_IDENTITY,
                    "the certificate names " + named);
            output.failAuthentication(ConnackReasonCode.NOT_AUTHORIZED, Admission.WRONG_IDENTITY);
            return;
        }
        ClientIdentity who = identity.get();
        Optional<Admission> untimely = untimely(who);
        if (untimely.isPresent()) {
            answer(untimely.get(), who, input, output);
            return;
        }
        if (ready.get().isDone()) {
            Admission now = registry.decide(who.device(), who.fingerprint());
            if (now instanceof Admission.Admitted || waitMillis == 0) {
                answer(now, who, input, output);
                return;
            }
        }
        wait(who, input, output);
    }

    /** The TLS handshake does not look at the time when a client resumes a TLS session. */
    private Optional<Admission> untimely(ClientIdentity who) {
        Instant now = clock.instant();
        if (now.isAfter(who.until())) {
            return Optional.of(new Admission.Refused(Admission.EXPIRED_CERTIFICATE, false));
        }
        return now.isBefore(who.from())
                ? Optional.of(new Admission.Refused(Admission.EARLY_CERTIFICATE, false))
                : Optional.empty();
    }

    private void wait(ClientIdentity who, SimpleAuthInput input, SimpleAuthOutput output) {
        Async<SimpleAuthOutput> later = output.async(
                Duration.ofMillis(2 * waitMillis + 2_000),
                TimeoutFallback.FAILURE,
                ConnackReasonCode.SERVER_UNAVAILABLE);
        CompletableFuture<Void> prepared = ready.get().copy().orTimeout(Math.max(1, waitMillis), TimeUnit.MILLISECONDS);
        var unused = prepared.whenComplete((nothing, notReady) -> {
            if (notReady != null) {
                output.failAuthentication(ConnackReasonCode.SERVER_UNAVAILABLE, "bridge-not-ready");
                later.resume();
                return;
            }
            registry.admit(who.device(), who.fingerprint(), waitMillis).whenComplete((admission, failure) -> {
                answer(admission, who, input, output);
                later.resume();
            });
        });
    }

    private void answer(Admission admission, ClientIdentity who, SimpleAuthInput input, SimpleAuthOutput output) {
        if (admission instanceof Admission.Refused refused) {
            audit.refused(
                    RefusalAudit.Action.CONNECT,
                    who.device(),
                    registry.find(who.device()).orElse(null),
                    refused.code(),
                    "certificate " + who.sha256());
            output.failAuthentication(ConnackReasonCode.NOT_AUTHORIZED, refused.code());
        } else if (admission instanceof Admission.Admitted admitted) {
            Optional<Will> will = wills.of(input.getConnectionInformation());
            Optional<DataPublisher.Refusal> refused = will.flatMap(one -> wills.refusal(admitted.entry(), one));
            if (refused.isPresent()) {
                audit.refused(
                        RefusalAudit.Action.CONNECT,
                        who.device(),
                        admitted.entry(),
                        refused.get().code(),
                        "its will: " + refused.get().detail());
                output.failAuthentication(
                        ConnackReasonCode.NOT_AUTHORIZED,
                        "will: " + refused.get().code());
                return;
            }
            admit(admitted.entry(), who, will.orElse(null), input, output);
        }
    }

    private void admit(
            DeviceEntry entry,
            ClientIdentity who,
            @Nullable Will will,
            SimpleAuthInput input,
            SimpleAuthOutput output) {
        ConnectPacket connect = input.getConnectPacket();
        ConnectionInformation connection = input.getConnectionInformation();
        String address =
                connection.getInetAddress().map(InetAddress::getHostAddress).orElse("");
        DeviceSession session = sessions.admit(
                entry,
                who,
                connect.getCleanStart(),
                connect.getSessionExpiryInterval() > 0,
                id -> new Presence.Connection(
                        id,
                        address,
                        protocol(connection.getMqttVersion()),
                        who.fingerprint().hex(),
                        clock.instant()),
                will);
        connection.getConnectionAttributeStore().putAsString(SESSION_ATTRIBUTE, session.id());
        output.authenticateSuccessfully();
    }

    private static String protocol(MqttVersion version) {
        return switch (version) {
            case V_3_1 -> "mqtt/3.1";
            case V_3_1_1 -> "mqtt/3.1.1";
            case V_5 -> "mqtt/5";
        };
    }
}
