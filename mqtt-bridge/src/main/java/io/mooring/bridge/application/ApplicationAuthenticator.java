package io.mooring.bridge.application;

import com.hivemq.extension.sdk.api.async.Async;
import com.hivemq.extension.sdk.api.async.TimeoutFallback;
import com.hivemq.extension.sdk.api.auth.SimpleAuthenticator;
import com.hivemq.extension.sdk.api.auth.parameter.SimpleAuthInput;
import com.hivemq.extension.sdk.api.auth.parameter.SimpleAuthOutput;
import com.hivemq.extension.sdk.api.client.parameter.ClientTlsInformation;
import com.hivemq.extension.sdk.api.interceptor.connect.parameter.ConnectInboundInput;
import com.hivemq.extension.sdk.api.interceptor.connect.parameter.ConnectInboundOutput;
import com.hivemq.extension.sdk.api.packets.connect.ConnackReasonCode;
import com.hivemq.extension.sdk.api.packets.connect.ConnectPacket;
import com.hivemq.extension.sdk.api.packets.publish.ModifiableConnectPacket;
import io.mooring.bridge.event.RefusalAudit;
import io.mooring.bridge.message.MessageProperties;
import io.mooring.contracts.mqtt.DeviceTopics;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets an application in by its id and a token as user name and password, or by its client certificate. What it is not
 * known to be yet may just not have been heard of, so that it is looked at again for a while.
 */
final class ApplicationAuthenticator implements SimpleAuthenticator {
    private static final String UNKNOWN = "application-unknown";
    private static final String REVOKED = "application-revoked";
    private static final String WRONG_TOKEN = "token-wrong";
    private static final String NOT_LISTED = "certificate-not-listed";
    private static final String EXPIRED = "certificate-expired";
    private static final String TOO_MANY = "too-many-connections";
    /** Stands for an application before it is known which. */
    private static final String NOBODY = "nobody";

    private static final long LOOK_AGAIN_MILLIS = 100;
    private static final int MAX_WAITING = 1_000;
    private static final int MAX_WAITING_OF_SOURCE = 50;
    private static final int MAX_PASSWORD_LENGTH = 1_024;

    /** What a client shows. */
    private record Claim(
            String application,
            byte @Nullable [] tokenSha256,
            @Nullable String certificate,
            @Nullable Instant until) {}

    private final Applications applications;
    private final ApplicationSessions sessions;
    private final Supplier<CompletableFuture<Void>> ready;
    private final RefusalAudit audit;
    private final Clock clock;
    private final long waitMillis;
    private final int maxConnections;
    private final int maxOutstanding;
    private final SecureRandom random = new SecureRandom();
    private final WaitingRoom waiting = new WaitingRoom(MAX_WAITING, MAX_WAITING_OF_SOURCE);

    ApplicationAuthenticator(
            Applications applications,
            ApplicationSessions sessions,
            Supplier<CompletableFuture<Void>> ready,
            RefusalAudit audit,
            Clock clock,
            long waitMillis,
            int maxConnections,
            int maxOutstanding) {
        this.applications = applications;
        this.sessions = sessions;
        this.ready = ready;
        this.audit = audit;
        this.clock = clock;
        this.waitMillis = waitMillis;
        this.maxConnections = maxConnections;
        this.maxOutstanding = maxOutstanding;
    }

    /**
     * Before anything is proved: gives the client an id that is no other application's and no device's, and takes off
     * what applications do not have here. Aliases of topics would be made before topics are changed on their way out.
     */
    void prepare(ConnectInboundInput input, ConnectInboundOutput output) {
        ModifiableConnectPacket connect = output.getConnectPacket();
        String application = connect.getUserName()
                .filter(DeviceTopics::isLevel)
                .or(() -> certificate(input.getConnectionInformation().getClientTlsInformation())
                        .flatMap(shown -> applications.ofCertificate(sha256(shown)))
                        .map(Application::id))
                .orElse(NOBODY);
        String given = connect.getClientId();
        connect.setClientId(ApplicationSessions.clientId(
                application, given.isEmpty() ? UUID.randomUUID().toString() : given));
        connect.setTopicAliasMaximum(0);
        connect.setWillPublish(null);
    }

    @Override
    public void onConnect(SimpleAuthInput input, SimpleAuthOutput output) {
        Optional<Claim> claim = claim(input);
        if (claim.isEmpty()) {
            refuse(input, output, null, ConnackReasonCode.BAD_USER_NAME_OR_PASSWORD, UNKNOWN);
            return;
        }
        if (ready.get().isDone() && problem(claim.get()).isEmpty()) {
            admit(claim.get(), input, output);
            return;
        }
        if (!waiting.enter(source(input))) {
            refuse(input, output, claim.get(), ConnackReasonCode.SERVER_BUSY, "too-many-waiting");
            return;
        }
        Async<SimpleAuthOutput> later = output.async(
                Duration.ofMillis(waitMillis + 5_000), TimeoutFallback.FAILURE, ConnackReasonCode.SERVER_UNAVAILABLE);
        lookAgain(claim.get(), input, output, later, clock.millis() + waitMillis);
    }

    private void lookAgain(
            Claim claim,
            SimpleAuthInput input,
            SimpleAuthOutput output,
            Async<SimpleAuthOutput> later,
            long untilMillis) {
        boolean isReady = ready.get().isDone();
        Optional<String> problem = isReady ? problem(claim) : Optional.of("bridge-not-ready");
        if (problem.isPresent() && clock.millis() < untilMillis) {
            CompletableFuture.delayedExecutor(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS)
                    .execute(() -> lookAgain(claim, input, output, later, untilMillis));
            return;
        }
        waiting.leave(source(input));
        if (problem.isEmpty()) {
            admit(claim, input, output);
        } else {
            refuse(
                    input,
                    output,
                    claim,
                    isReady ? ConnackReasonCode.NOT_AUTHORIZED : ConnackReasonCode.SERVER_UNAVAILABLE,
                    problem.get());
        }
        later.resume();
    }

    private Optional<Claim> claim(SimpleAuthInput input) {
        ConnectPacket connect = input.getConnectPacket();
        Optional<String> name = connect.getUserName().filter(DeviceTopics::isLevel);
        if (name.isPresent() && connect.getPassword().isPresent()) {
            byte[] password = MessageProperties.bytes(connect.getPassword().get());
            return password.length > MAX_PASSWORD_LENGTH
                    ? Optional.empty()
                    : Optional.of(new Claim(name.get(), sha256(password), null, null));
        }
        return certificate(input.getConnectionInformation().getClientTlsInformation())
                .map(shown -> new Claim(
                        ApplicationSessions.applicationOf(
                                        input.getClientInformation().getClientId())
                                .orElse(NOBODY),
                        null,
                        sha256(shown),
                        shown.getNotAfter().toInstant()));
    }

    private Optional<String> problem(Claim claim) {
        Optional<Application> known = applications.find(claim.application());
        Instant now = clock.instant();
        if (known.isEmpty()) {
            return Optional.of(UNKNOWN);
        }
        if (!known.get().active()) {
            return Optional.of(REVOKED);
        }
        if (claim.tokenSha256() != null) {
            return known.get().accepts(claim.tokenSha256(), now) ? Optional.empty() : Optional.of(WRONG_TOKEN);
        }
        if (claim.until() != null && now.isAfter(claim.until())) {
            return Optional.of(EXPIRED);
        }
        return known.get().certificates().contains(claim.certificate()) ? Optional.empty() : Optional.of(NOT_LISTED);
    }

    private void admit(Claim claim, SimpleAuthInput input, SimpleAuthOutput output) {
        if (sessions.connections(claim.application()) >= maxConnections) {
            refuse(input, output, claim, ConnackReasonCode.QUOTA_EXCEEDED, TOO_MANY);
            return;
        }
        ConnectPacket connect = input.getConnectPacket();
        Subscriber subscriber = sessions.know(input.getClientInformation().getClientId(), claim.application());
        if (connect.getCleanStart()) {
            subscriber.reset();
        }
        byte[] id = new byte[8];
        random.nextBytes(id);
        ApplicationSession session = new ApplicationSession(
                HexFormat.of().formatHex(id),
                subscriber,
                input.getConnectionInformation().getMqttVersion(),
                claim.tokenSha256(),
                claim.certificate(),
                claim.until(),
                clock.instant(),
                connect.getSessionExpiryInterval() > 0);
        sessions.admitted(session);
        input.getConnectionInformation()
                .getConnectionAttributeStore()
                .putAsString(ApplicationSessions.SESSION_ATTRIBUTE, session.id());
        // Shared subscriptions have their own bound beside the ordinary ones'.
        output.getClientSettings().setClientQueueSizeMaximum(2L * maxOutstanding);
        output.authenticateSuccessfully();
    }

    private void refuse(
            SimpleAuthInput input,
            SimpleAuthOutput output,
            @Nullable Claim claim,
            ConnackReasonCode reason,
            String code) {
        String application = claim == null ? NOBODY : claim.application();
        audit.refusedApplication(
                RefusalAudit.Action.CONNECT,
                application,
                applications.find(application).map(Application::cloud).orElse(null),
                code,
                "client " + input.getClientInformation().getClientId());
        output.failAuthentication(reason, code);
    }

    private static String source(SimpleAuthInput input) {
        return input.getConnectionInformation()
                .getInetAddress()
                .map(InetAddress::getHostAddress)
                .orElse("");
    }

    private static Optional<X509Certificate> certificate(Optional<ClientTlsInformation> tls) {
        return tls.flatMap(ClientTlsInformation::getClientCertificate);
    }

    private static String sha256(X509Certificate certificate) {
        try {
            return HexFormat.of().formatHex(sha256(certificate.getEncoded()));
        } catch (GeneralSecurityException unreadable) {
            return "";
        }
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
