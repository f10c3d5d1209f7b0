package io.mooring.bridge.session;

import com.hivemq.extension.sdk.api.async.Async;
import com.hivemq.extension.sdk.api.async.TimeoutFallback;
import com.hivemq.extension.sdk.api.auth.SimpleAuthenticator;
import com.hivemq.extension.sdk.api.auth.parameter.SimpleAuthInput;
import com.hivemq.extension.sdk.api.auth.parameter.SimpleAuthOutput;
import com.hivemq.extension.sdk.api.packets.connect.ConnackReasonCode;
import com.hivemq.extension.sdk.api.packets.connect.ConnectPacket;
import io.mooring.bridge.event.RefusalAudit;
import io.mooring.bridge.registry.Admission;
import io.mooring.bridge.registry.DeviceRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Lets a device in if its certificate names it, and the registry lists the certificate. User names
 * and passwords mean nothing.
 */
public final class ConnectionAuthenticator implements SimpleAuthenticator {
    /** The connection attribute that holds the id of the session that was let in. */
    static final String SESSION_ATTRIBUTE = "mooring-session";

    private final DeviceRegistry registry;
    private final CompletableFuture<Void> ready;
    private final SessionDirectory sessions;
    private final RefusalAudit audit;
    private final long waitMillis;

    /**
     * With what is asked.
     *
     * @param ready completes when the bridge has all it needs to serve devices
     * @param waitMillis how long a device waits for the registry to learn of it
     */
    public ConnectionAuthenticator(
            DeviceRegistry registry,
            CompletableFuture<Void> ready,
            SessionDirectory sessions,
            RefusalAudit audit,
            long waitMillis) {
        this.registry = registry;
        this.ready = ready;
        this.sessions = sessions;
        this.audit = audit;
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
        if (ready.isDone()) {
            Admission now = Admission.decide(registry.find(who.device()).orElse(null), who.fingerprint());
            if (now instanceof Admission.Admitted || waitMillis == 0) {
                answer(now, who, input, output);
                return;
            }
        }
        wait(who, input, output);
    }

    private void wait(ClientIdentity who, SimpleAuthInput input, SimpleAuthOutput output) {
        Async<SimpleAuthOutput> later = output.async(
                Duration.ofMillis(2 * waitMillis + 2_000),
                TimeoutFallback.FAILURE,
                ConnackReasonCode.SERVER_UNAVAILABLE);
        CompletableFuture<Void> prepared = ready.copy().orTimeout(Math.max(1, waitMillis), TimeUnit.MILLISECONDS);
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
                    "certificate " + who.fingerprint());
            output.failAuthentication(ConnackReasonCode.NOT_AUTHORIZED, refused.code());
        } else if (admission instanceof Admission.Admitted admitted) {
            ConnectPacket connect = input.getConnectPacket();
            DeviceSession session = sessions.admit(
                    admitted.entry(),
                    who.fingerprint(),
                    connect.getCleanStart(),
                    connect.getSessionExpiryInterval() > 0);
            input.getConnectionInformation().getConnectionAttributeStore().putAsString(SESSION_ATTRIBUTE, session.id());
            output.authenticateSuccessfully();
        }
    }
}
