package io.mooring.agent;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.agent.cloud.CloudConnection;
import io.mooring.agent.cloud.Uplink;
import io.mooring.agent.enrol.IdentityStore;
import io.mooring.agent.enrol.Membership;
import io.mooring.agent.enrol.ProvisioningClient;
import io.mooring.agent.enrol.ProvisioningClient.Answer;
import io.mooring.agent.enrol.Registration;
import io.mooring.contracts.mqtt.DeviceTopics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a device into its cloud and keeps it there: register, provision, connect, and again from
 * where it fell back to. Whatever fails is tried again, ever more seldom.
 */
final class LifeCycle implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(LifeCycle.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int FAILURES_TO_REPROVISION = 3;
    private static final long RELEASE_FRESH_MILLIS = 10_000;
    private static final long THROTTLE_FRESH_MILLIS = 30_000;
    private static final Duration THROTTLE_PAUSE = Duration.ofSeconds(5);
    private static final Duration THROTTLE_AWAY = Duration.ofHours(1);
    private static final Duration CONNECT_PATIENCE = Duration.ofSeconds(30);
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
    private volatile long lastReleaseMillis = Long.MIN_VALUE;
    private volatile @Nullable Duration away;
    private volatile @Nullable CloudConnection current;
    private int failures;

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
    }

    void offline(boolean stayAway) {
        offline = stayAway;
        hangUp();
    }

    void stop() {
        stopped = true;
        hangUp();
    }

    /** A new connection was made: failures before it count no more. */
    void caughtUp() {
        retries.reset();
    }

    private void hangUp() {
        CloudConnection connection = current;
        if (connection != null) {
            var _ = connection.close();
        }
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
        if (failures >= FAILURES_TO_REPROVISION) {
            failures = 0;
            LOG.info("{}: {} connects failed, asking for a new certificate", device.id(), FAILURES_TO_REPROVISION);
            try {
                provision(registration.get());
                return;
            } catch (IOException e) {
                // the certificate at hand may still be good: the cloud may just be away
                trouble(e);
            }
        }
        agent.adopt(membership.get(), registration.get());
        afterwards(connect(membership.get()));
    }

    private void register() throws IOException, InterruptedException {
        agent.moved(AgentState.REGISTERING, config.url());
        switch (client.register(config.url(), config.productToken(), description())) {
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

    private ObjectNode description() {
        ObjectNode body = JSON.createObjectNode();
        body.put("id", device.id()).put("product", config.productToken()).put("created", device.created());
        put(body, "name", config.name());
        put(body, "description", config.description());
        put(body, "model", config.deviceModel());
        put(body, "account", config.account());
        put(body, "cloud", config.cloud());
        return body;
    }

    private static void put(ObjectNode body, String name, @Nullable String value) {
        if (value != null) {
            body.put(name, value);
        }
    }

    private void provision(Registration registration)
            throws IOException, GeneralSecurityException, InterruptedException {
        agent.moved(AgentState.PROVISIONING, registration.api());
        String request = config.base() ? null : identity.makeKey(device.id());
        switch (client.provision(registration, device.id(), request)) {
            case Answer.Granted(ObjectNode body) -> {
                Membership membership = identity.save(body);
                LOG.info("{}: has a certificate: {}", device.id(), membership);
            }
            case Answer.Wait wait -> {
                Duration delay = wait.delay() == null ? retries.next() : wait.delay();
                agent.tell(new AgentEvent.Trouble(String.format(
                        Locale.ROOT, "the cloud says: %s; asking again in %d s", wait.reason(), delay.toSeconds())));
                pause(delay.compareTo(LONGEST_BLOCK) > 0 ? LONGEST_BLOCK : delay);
            }
            case Answer.Denied denied -> {
                agent.tell(new AgentEvent.Trouble("the cloud knows this device no more: " + denied.reason()));
                identity.forget();
                pause(polls.nextPoll());
            }
        }
    }

    /** Connects and stays until the connection is gone; says why it is. */
    private String connect(Membership membership) throws GeneralSecurityException, IOException, InterruptedException {
        agent.moved(AgentState.CONNECTING, membership.endpoint() + ":" + membership.port());
        var settings = new CloudConnection.Settings(device.id(), config.base(), config.keepAlive(), runtime.mqtt());
        released = false;
        CloudConnection connection = CloudConnection.open(settings, membership, runtime.trust(), this::heard);
        Uplink uplink = connection::publish;
        current = connection;
        try {
            if (stopped || offline) {
                return "";
            }
            CompletableFuture.anyOf(connection.ready(), connection.closed())
                    .get(CONNECT_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            if (!connection.ready().isDone()) {
                // gone before it was there; the client may never say what became of its subscription
                failures++;
                return "cannot stay with " + membership.endpoint() + ": "
                        + connection.closed().get();
            }
            // says so if it failed
            connection.ready().get();
            failures = 0;
            agent.moved(AgentState.CATCHING_UP, "");
            agent.engine().connected(uplink);
            return connection.closed().get();
        } catch (ExecutionException | TimeoutException e) {
            failures++;
            Throwable cause = e.getCause() == null ? e : e.getCause();
            return "cannot connect to " + membership.endpoint() + ":" + membership.port() + ": " + cause.getMessage();
        } finally {
            current = null;
            agent.engine().disconnected(uplink);
            var _ = connection.close();
        }
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

    private void heard(String tail, byte[] payload, Runnable done) {
        switch (tail) {
            case DeviceTopics.RELEASE -> {
                done.run();
                release(payload);
            }
            case "mqtt/throttle" -> {
                done.run();
                throttle(payload);
            }
            default -> agent.engine().told(tail, payload, done);
        }
    }

    private void release(byte[] payload) {
        String text = new String(payload, StandardCharsets.UTF_8).strip();
        try {
            long at = Long.parseLong(text);
            if (System.currentTimeMillis() - at > RELEASE_FRESH_MILLIS || at == lastReleaseMillis) {
                // the broker delivers one again whose acknowledgement got lost in hanging up
                LOG.info("{}: ignores a release of before", device.id());
                return;
            }
            lastReleaseMillis = at;
            released = true;
            hangUp();
        } catch (NumberFormatException e) {
            agent.tell(new AgentEvent.Trouble("a release without a time was ignored"));
        }
    }

    private void throttle(byte[] payload) {
        try {
            var message = JSON.readTree(payload);
            if (System.currentTimeMillis() - message.path("timestamp").asLong() > THROTTLE_FRESH_MILLIS) {
                return;
            }
            if (message.path("close").asBoolean()) {
                away = THROTTLE_AWAY;
                hangUp();
            } else {
                agent.engine().hold(THROTTLE_PAUSE.toMillis());
            }
        } catch (IOException e) {
            agent.tell(new AgentEvent.Trouble("a throttle message made no sense"));
        }
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
