package io.mooring.agent;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.agent.enrol.IdentityStore;
import io.mooring.agent.enrol.Membership;
import io.mooring.agent.enrol.ProvisioningClient;
import io.mooring.agent.enrol.ProvisioningClient.Answer;
import io.mooring.agent.enrol.Registration;
import io.mooring.agent.enrol.RenewalProof;
import io.mooring.agent.enrol.RenewalTime;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to the successor of the certificate in use: asks for it in time, keeps it until a connection has proved it, and
 * asks for another if it does not prove good. What fails is tried again, ever more seldom; the certificate in use stays
 * meanwhile.
 */
final class Renewal {
    private static final Logger LOG = LoggerFactory.getLogger(Renewal.class);
    /** How often one successor is tried before another is asked for. */
    private static final int TRIES = 3;
    /** A machine may sleep, or its clock be set: look at it now and then. */
    private static final Duration LOOK = Duration.ofMinutes(10);

    private static final Duration SELDOM = Duration.ofHours(1);
    /** Of a certificate's life: no longer than this from one try to the next. */
    private static final int TRIES_IN_A_LIFE = 20;

    private final AgentConfig config;
    private final IdentityStore identity;
    private final ProvisioningClient client;
    private final String deviceId;
    private final Consumer<AgentEvent> listener;
    private volatile CompletableFuture<Void> wish = new CompletableFuture<>();
    private @Nullable Backoff backoff;
    private Instant notBefore = Instant.MIN;
    private int refusals;

    Renewal(
            AgentConfig config,
            IdentityStore identity,
            ProvisioningClient client,
            String deviceId,
            Consumer<AgentEvent> listener) {
        this.config = config;
        this.identity = identity;
        this.client = client;
        this.deviceId = deviceId;
        this.listener = listener;
    }

    /** Somebody wishes for a new certificate, whatever the time. */
    void wishNow() {
        wish.complete(null);
    }

    /** Done once somebody wishes for a new certificate; the next one, if there is a wish already. */
    CompletableFuture<Void> wish() {
        CompletableFuture<Void> now = wish;
        return now.isDone() ? new CompletableFuture<>() : now;
    }

    /** How long to leave all as it is, at most. */
    Duration rest(Membership inUse) {
        boolean anyTime = wish.isDone() || identity.successor().isPresent();
        Instant due = anyTime ? notBefore : later(time(inUse), notBefore);
        Duration rest = Duration.between(Instant.now(), later(due, Instant.EPOCH));
        return rest.isNegative() ? Duration.ZERO : rest.compareTo(LOOK) > 0 ? LOOK : rest;
    }

    /** Whether something is to be done now. */
    boolean isDue(Membership inUse) {
        return rest(inUse).isZero();
    }

    private Instant time(Membership inUse) {
        return RenewalTime.of(inUse.certificate().getFirst(), config.renewAt());
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    /** Whether connecting with a certificate is vain, by our clock. */
    static boolean isExpired(Membership membership) {
        return Instant.now()
                .isAfter(membership.certificate().getFirst().getNotAfter().toInstant());
    }

    /** The successor that waits to be proved, or a new one if the cloud gives it. */
    Optional<Membership> successor(Registration registration, Membership inUse) throws InterruptedException {
        Optional<Membership> waiting = identity.successor();
        return waiting.isPresent() && refusals < TRIES ? waiting : ask(registration, inUse);
    }

    private Optional<Membership> ask(Registration registration, Membership inUse) throws InterruptedException {
        try {
            return request(registration, inUse) instanceof Answer.Granted ? identity.successor() : Optional.empty();
        } catch (IOException | GeneralSecurityException e) {
            failed(inUse, "the certificate could not be renewed: " + e.getMessage());
            return Optional.empty();
        }
    }

    /** Asks for a successor, and keeps it. */
    Answer request(Registration registration, Membership inUse)
            throws IOException, GeneralSecurityException, InterruptedException {
        String request = config.base() ? null : identity.makeKey(deviceId);
        RenewalProof proof = request == null ? null : RenewalProof.of(inUse, request);
        Answer answer = client.provision(registration, deviceId, request, proof);
        if (proof != null && answer instanceof Answer.Denied denied && !denied.isUnknown()) {
            // The files may be an old copy: the cloud has forgotten the certificate they hold, and may take the token
            // alone.
            answer = client.provision(registration, deviceId, request, null);
        }
        switch (answer) {
            case Answer.Granted(ObjectNode body) -> {
                refusals = 0;
                LOG.info("{}: was given a new certificate: {}", deviceId, identity.saveSuccessor(body));
            }
            case Answer.Wait wait -> failed(inUse, "the cloud does not renew the certificate yet: " + wait.reason());
            case Answer.Denied denied -> failed(inUse, "the cloud does not renew the certificate: " + denied.reason());
        }
        return answer;
    }

    /** The device is connected by a successor: it takes the place of the one before. */
    void proved(Membership successor) throws IOException {
        identity.promoteSuccessor();
        wish = new CompletableFuture<>();
        backoff = null;
        notBefore = Instant.MIN;
        refusals = 0;
        X509Certificate certificate = successor.certificate().getFirst();
        LOG.info("{}: uses its new certificate", deviceId);
        listener.accept(
                new AgentEvent.CertificateRenewed(certificate.getNotAfter().toInstant()));
    }

    /** Connecting with the successor did not work; it may be the network. */
    void refused(Membership inUse, String why) {
        refusals++;
        failed(inUse, "the new certificate does not work, the old one stays: " + why);
    }

    private void failed(Membership inUse, String what) {
        Backoff pauses = backoff;
        if (pauses == null) {
            pauses = new Backoff(config.firstRetry(), longest(inUse));
            backoff = pauses;
        }
        notBefore = Instant.now().plus(pauses.next());
        listener.accept(new AgentEvent.Trouble(what));
    }

    private Duration longest(Membership inUse) {
        X509Certificate certificate = inUse.certificate().getFirst();
        Duration life = Duration.between(
                certificate.getNotBefore().toInstant(),
                certificate.getNotAfter().toInstant());
        Duration often = life.dividedBy(TRIES_IN_A_LIFE);
        return often.compareTo(SELDOM) > 0 ? SELDOM : often;
    }
}
