package io.mooring.agent;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.agent.cloud.CloudConnection;
import io.mooring.agent.enrol.IdentityStore;
import io.mooring.agent.enrol.Membership;
import io.mooring.agent.enrol.ProvisioningClient;
import io.mooring.agent.enrol.ProvisioningClient.Answer;
import io.mooring.agent.enrol.Registration;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a device into its cloud and keeps it there: register, provision, connect, and again from
 * where it fell back to. Whatever fails is tried again, ever more seldom.
 */
final class LifeCycle implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(LifeCycle.class);
    private static final int FAILURES_TO_REPROVISION = 3;
    private static final Duration LONGEST_BLOCK = Duration.ofHours(24);

    private final DeviceAgent agent;
    private final AgentConfig config;
    private final AgentRuntime runtime;
    private final IdentityStore identity;
    private final IdentityStore.Device device;
    private final ProvisioningClient client;
    private final Semaphore nudge = new Semaphore(0);
    private final Backoff polls;
    private final Backoff retries;
    private volatile boolean stopped;
    private volatile boolean offline;
    private volatile boolean released;
    private volatile @Nullable Duration away;
    private final Connections connections;
    private final Renewal renewal;
    private int failures;
    private boolean successorFailed;

    LifeCycle(
            DeviceAgent agent,
            AgentConfig config,
            AgentRuntime runtime,
            IdentityStore identity,
            IdentityStore.Device device) {
        this.agent = agent;
        this.config = config;
        this.runtime = runtime;
        this.identity = identity;
        this.device = device;
        client = new ProvisioningClient(runtime.http());
        polls = new Backoff(config.firstRetry(), config.longestRetry());
        retries = new Backoff(config.firstRetry(), config.longestRetry());
        var settings = new CloudConnection.Settings(device.id(), config.base(), config.keepAlive(), runtime.mqtt());
        connections = new Connections(runtime, settings, new Ear(agent, device.id()).hearers());
        renewal = new Renewal(config, identity, client, device.id(), agent::tell);
    }

    void offline(boolean stayAway) {
        offline = stayAway;
        hangUp();
    }

    void stop() {
        stopped = true;
        hangUp();
    }

    void renewNow() {
        renewal.wishNow();
    }

    /** A new connection was made: failures before it count no more. */
    void caughtUp() {
        retries.reset();
    }

    private void hangUp() {
        connections.hangUp();
        nudge.release();
    }

    @Override
    public void run() {
        while (!stopped) {
            try {
                if (offline) {
                    agent.moved(AgentState.OFFLINE, "");
                    nudge.acquire();
                } else {
                    joinOnce();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (IOException | GeneralSecurityException | SQLException | RuntimeException e) {
                trouble(e);
                pauseQuietly(retries.next());
            }
        }
    }

    private void joinOnce() throws IOException, GeneralSecurityException, SQLException, InterruptedException {
        Optional<Registration> registration = identity.registration();
        if (registration.isEmpty()) {
            register();
            return;
        }
        Optional<Membership> membership = identity.membership();
        if (membership.isEmpty()) {
            provision(registration.get());
            return;
        }
        // Before any request: what the file says may be of before the cloud's root changed.
        runtime.trust().learn(membership.get());
        boolean useless = failures >= FAILURES_TO_REPROVISION
                || (Renewal.isExpired(membership.get()) && identity.successor().isEmpty());
        if (useless && !replace(registration.get(), membership.get())) {
            return;
        }
        afterwards(connect(registration.get(), membership.get()));
    }

    /**
     * Asks for a new certificate because the one at hand is of no use.
     *
     * @return whether to go on and connect: the one at hand may be good after all, if the cloud was just away
     */
    private boolean replace(Registration registration, Membership membership) throws IOException, InterruptedException {
        agent.moved(AgentState.PROVISIONING, registration.api());
        failures = 0;
        try {
            switch (renewal.request(registration, membership)) {
                case Answer.Granted _ -> {
                    return true;
                }
                case Answer.Wait wait -> pause(blocked(wait));
                case Answer.Denied denied -> {
                    if (denied.isUnknown()) {
                        identity.forget();
                    }
                    pause(polls.nextPoll());
                }
            }
            return false;
        } catch (IOException | GeneralSecurityException e) {
            trouble(e);
            return true;
        }
    }

    private void register() throws IOException, InterruptedException {
        agent.moved(AgentState.REGISTERING, config.url());
        switch (client.register(config.url(), config.productToken(), now -> SelfDescription.of(config, device, now))) {
            case Answer.Granted(ObjectNode body) -> {
                polls.reset();
                identity.save(new Registration(
                        body.path("api").asText(),
                        body.path("token").asText(),
                        body.path("cloudName").asText()));
            }
            case Answer.Wait wait -> pause(polls.nextPoll());
            case Answer.Denied denied -> {
                agent.tell(new AgentEvent.Trouble("the cloud refuses to register this device: " + denied.reason()));
                pause(polls.nextPoll());
            }
        }
    }

    private void provision(Registration registration)
            throws IOException, GeneralSecurityException, InterruptedException {
        agent.moved(AgentState.PROVISIONING, registration.api());
        String request = config.base() ? null : identity.makeKey(device.id());
        switch (client.provision(registration, device.id(), request, null)) {
            case Answer.Granted(ObjectNode body) -> {
                Membership membership = identity.save(body);
                LOG.info("{}: has a certificate: {}", device.id(), membership);
            }
            case Answer.Wait wait -> {
                Duration delay = blocked(wait);
                agent.tell(new AgentEvent.Trouble(String.format(
                        Locale.ROOT, "the cloud says: %s; asking again in %d s", wait.reason(), delay.toSeconds())));
                pause(delay);
            }
            case Answer.Denied denied -> {
                agent.tell(new AgentEvent.Trouble("the cloud gives this device no certificate: " + denied.reason()));
                if (denied.isUnknown()) {
                    identity.forget();
                }
                pause(polls.nextPoll());
            }
        }
    }

    private Duration blocked(Answer.Wait wait) {
        Duration delay = wait.delay() == null ? retries.next() : wait.delay();
        return delay.compareTo(LONGEST_BLOCK) > 0 ? LONGEST_BLOCK : delay;
    }

    /** Connects, by the successor of the certificate in use if one waits, and stays; says why it no longer does. */
    private String connect(Registration registration, Membership inUse)
            throws GeneralSecurityException, IOException, SQLException, InterruptedException {
        // If the one does not work, the other may.
        Optional<Membership> successor = successorFailed ? Optional.empty() : identity.successor();
        Membership chosen = successor.orElse(inUse);
        agent.moved(AgentState.CONNECTING, chosen.endpoint() + ":" + chosen.port());
        agent.adopt(chosen, registration);
        released = false;
        CloudConnection connection = connections.open(chosen);
        try {
            if (stopped || offline) {
                return "";
            }
            Optional<String> failure = Connections.reach(connection, chosen);
            if (failure.isPresent()) {
                failures++;
                successorFailed = successor.isPresent();
                successor.ifPresent(refused -> renewal.refused(inUse, failure.get()));
                return failure.get();
            }
            failures = 0;
            successorFailed = false;
            if (successor.isPresent()) {
                renewal.proved(chosen);
            }
            agent.moved(AgentState.CATCHING_UP, "");
            agent.connected(connection);
            return stay(registration, chosen, connection);
        } finally {
            drop(connection);
        }
    }

    /** Stays until the connection is gone, renewing the certificate when it is time; says why it is gone. */
    private String stay(Registration registration, Membership connectedBy, CloudConnection made)
            throws GeneralSecurityException, IOException, SQLException, InterruptedException {
        Membership inUse = connectedBy;
        CloudConnection connection = made;
        try {
            while (true) {
                Optional<String> end = Connections.awaitEnd(connection, renewal.rest(inUse), renewal.wish());
                if (end.isPresent()) {
                    return end.get();
                }
                Optional<Membership> successor =
                        renewal.isDue(inUse) ? renewal.successor(registration, inUse) : Optional.empty();
                if (successor.isPresent()) {
                    Optional<CloudConnection> next = takeOver(registration, inUse, successor.get());
                    if (next.isPresent()) {
                        drop(connection);
                        connection = next.get();
                        inUse = successor.get();
                    }
                }
            }
        } finally {
            drop(connection);
        }
    }

    /**
     * Connects by the successor, beside the connection there is: the broker hands the session over, and if it refuses,
     * the old connection goes on.
     */
    private Optional<CloudConnection> takeOver(Registration registration, Membership inUse, Membership successor)
            throws GeneralSecurityException, IOException, SQLException, InterruptedException {
        CloudConnection next = connections.open(successor);
        boolean taken = false;
        try {
            Optional<String> failure = stopped || offline ? Optional.of("") : Connections.reach(next, successor);
            if (failure.isPresent()) {
                if (!stopped && !offline && !released) {
                    renewal.refused(inUse, failure.get());
                }
                return Optional.empty();
            }
            renewal.proved(successor);
            agent.adopt(successor, registration);
            agent.moved(AgentState.CATCHING_UP, "");
            agent.connected(next);
            taken = true;
            return Optional.of(next);
        } finally {
            if (!taken) {
                drop(next);
            }
        }
    }

    private void drop(CloudConnection connection) {
        agent.disconnected(connection);
        connections.drop(connection);
    }

    private void afterwards(String reason) throws IOException, InterruptedException {
        if (released) {
            LOG.info("{}: was released, registers again", device.id());
            identity.forget();
            pause(retries.next());
            return;
        }
        Duration absence = away;
        away = null;
        if (!stopped && !offline) {
            agent.moved(AgentState.CONNECTING, reason);
            pause(absence == null ? retries.next() : Backoff.jittered(absence.toMillis()));
        }
    }

    /** Asks for an update of the device's software; empty if the device has not joined yet. */
    Optional<Answer> askUpdate() throws IOException, InterruptedException {
        Optional<Registration> registration = identity.registration();
        return registration.isEmpty()
                ? Optional.empty()
                : Optional.of(client.update(registration.get(), SelfDescription.of(config, device, Instant.now())));
    }

    /** The device leaves, and registers again. */
    void releaseNow() {
        released = true;
        hangUp();
    }

    /** The device stays away for a while. */
    void stayAway(Duration time) {
        away = time;
        hangUp();
    }

    private void trouble(Exception e) {
        String what = e.getMessage() == null ? e.toString() : e.getMessage();
        LOG.debug("{}: {}", device.id(), what, e);
        agent.tell(new AgentEvent.Trouble(what));
    }

    /** Waits, unless something else is to be done. */
    private void pause(Duration time) throws InterruptedException {
        if (!stopped && nudge.tryAcquire(time.toMillis(), TimeUnit.MILLISECONDS)) {
            nudge.drainPermits();
        }
    }

    private void pauseQuietly(Duration time) {
        try {
            pause(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stopped = true;
        }
    }
}
