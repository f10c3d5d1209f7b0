package io.mooring.messaging.request;

import io.mooring.chassis.Persistence;
import io.mooring.messaging.MessagingMetrics;
import io.mooring.messaging.Waiters;
import io.mooring.messaging.core.request.DeviceRequest;
import io.mooring.messaging.core.request.Pending;
import io.mooring.messaging.core.request.StoreMessage;
import io.mooring.messaging.db.Database;
import io.mooring.messaging.db.DeviceStore;
import io.mooring.messaging.db.Outbox;
import io.mooring.messaging.db.RequestStore;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Requests between devices and applications, both ways: asked, answered, or given up in time. */
@Singleton
public class RequestHandler {
    private static final Logger LOG = Logger.getLogger(RequestHandler.class);
    private static final Duration KEPT = Duration.ofHours(1);
    private static final long LOOK_MILLIS = 500;

    /** What became of a request to a device. */
    public sealed interface Answer {
        record Given(String body) implements Answer {}

        record TimedOut() implements Answer {}

        /** So many wait already. */
        record TooMany(int most) implements Answer {}
    }

    private final Database database;
    private final RequestMessages messages;
    private final Waiters waiters;
    private final RequestConfig config;
    private final MessagingMetrics metrics;
    private final Persistence persistence;
    private final Clock clock = Clock.systemUTC();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("requests").factory());

    public RequestHandler(
            Database database,
            RequestMessages messages,
            Waiters waiters,
            RequestConfig config,
            MessagingMetrics metrics,
            Persistence persistence) {
        this.database = database;
        this.messages = messages;
        this.waiters = waiters;
        this.config = config;
        this.metrics = metrics;
        this.persistence = persistence;
    }

    void start(@Observes StartupEvent event) {
        timer.scheduleWithFixedDelay(this::expire, 1, 1, TimeUnit.SECONDS);
        timer.scheduleWithFixedDelay(this::sweep, 1, 10, TimeUnit.MINUTES);
    }

    @PreDestroy
    void stop() {
        timer.shutdownNow();
    }

    /** A body as text; empty if it is none, or too long. */
    public Optional<String> text(byte[] body) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
            return body.length <= config.bytes() && text.indexOf('\0') < 0 ? Optional.of(text) : Optional.empty();
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    /** A device asks; the message for whoever is to hear of it, be it the application or, with a refusal, the device. */
    Outbox.Message ask(
            Connection connection,
            String cloud,
            @Nullable String account,
            String device,
            DeviceRequest request,
            byte[] body)
            throws SQLException {
        Optional<String> application = RequestStore.answerer(connection, cloud, device, request.name());
        Optional<String> text = text(body);
        String refusal = null;
        if (application.isEmpty()) {
            refusal = "no application answers " + request.name();
        } else if (text.isEmpty()) {
            refusal = "a request is UTF-8 text of at most " + config.bytes() + " bytes";
        } else {
            Pending pending = pending(
                    Pending.Direction.UP,
                    new DeviceStore.Device(device, cloud, account, null, "active", null),
                    application.get(),
                    request.name(),
                    request.seq(),
                    text.get(),
                    config.patience());
            if (RequestStore.add(connection, pending, config.waitingOfDevice(), clock.instant())) {
                return messages.question(pending);
            }
            refusal = config.waitingOfDevice() + " requests of this device wait for an answer already";
        }
        metrics.refused("request-refused");
        return messages.toDevice(cloud, account, device, request.tail(), StoreMessage.error(refusal));
    }

    /**
     * An application asks a device, and waits.
     *
     * @param text as {@link #text} found it to be
     */
    public Answer askAndWait(DeviceStore.Device device, String application, String name, String text, Duration patience)
            throws SQLException {
        Duration wait = patience.compareTo(config.patience()) < 0 ? patience : config.patience();
        Pending asked = pending(Pending.Direction.DOWN, device, application, name, null, text, wait);
        waiters.expect(asked.id());
        try {
            return database.transact(connection -> ask(connection, asked).isEmpty())
                    ? await(asked)
                    : new Answer.TooMany(config.waitingOfDevice());
        } finally {
            waiters.forget(asked.id());
        }
    }

    private Answer await(Pending asked) throws SQLException {
        while (clock.instant().isBefore(asked.deadline())
                && !Thread.currentThread().isInterrupted()) {
            try {
                waiters.await(asked.id(), LOOK_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            String answer = database.read(connection -> RequestStore.find(connection, asked.id()))
                    .orElse(null);
            if (answer != null) {
                return new Answer.Given(answer);
            }
        }
        return new Answer.TimedOut();
    }

    /** An application asks a device over MQTT, within a transaction; why not, if it cannot. */
    Optional<String> ask(
            Connection connection, DeviceStore.Device device, String application, DeviceRequest request, String text)
            throws SQLException {
        return ask(
                connection,
                pending(
                        Pending.Direction.DOWN,
                        device,
                        application,
                        request.name(),
                        request.seq(),
                        text,
                        config.patience()));
    }

    private Optional<String> ask(Connection connection, Pending pending) throws SQLException {
        if (!RequestStore.add(connection, pending, config.waitingOfDevice(), clock.instant())) {
            return Optional.of(config.waitingOfDevice() + " requests of this device wait for an answer already");
        }
        Outbox.add(connection, List.of(messages.question(pending)));
        return Optional.empty();
    }

    /**
     * Whoever was asked answers, within a transaction.
     *
     * @param by the device that was asked, or the application
     * @return false if nobody waits for that answer any more
     */
    boolean answer(Connection connection, String id, Pending.Direction direction, String by, String text)
            throws SQLException {
        Optional<Pending> answered = RequestStore.answer(connection, id, direction, by, text, clock.instant());
        if (answered.isPresent() && answered.get().seq() != null) {
            Outbox.add(connection, List.of(messages.answer(answered.get(), text)));
        }
        return answered.isPresent();
    }

    /** An application answers a device; false if the device waits for that answer no more. */
    public boolean answer(String id, String application, String text) throws SQLException {
        return database.transact(connection -> answer(connection, id, Pending.Direction.UP, application, text));
    }

    /** What an application is asked, oldest first; if nothing, as soon as there is, or an empty list after so long. */
    public List<Pending> waiting(String application, int most, Duration patience) throws SQLException {
        Instant end = clock.instant().plus(patience);
        while (true) {
            List<Pending> waiting =
                    database.read(connection -> RequestStore.waiting(connection, application, most, clock.instant()));
            if (!waiting.isEmpty() || !clock.instant().isBefore(end) || !persistence.pause(LOOK_MILLIS)) {
                return waiting;
            }
        }
    }

    /** An application answers from now on; false if another does. */
    public boolean declare(RequestStore.Handler declaration) throws SQLException {
        return database.transact(connection -> RequestStore.declare(connection, declaration, clock.instant()));
    }

    /** An application answers no more. */
    public void withdraw(RequestStore.Handler declaration) throws SQLException {
        database.run(connection -> RequestStore.withdraw(connection, declaration));
    }

    /** What an application answers. */
    public List<RequestStore.Handler> handlers(String application) throws SQLException {
        return database.read(connection -> RequestStore.handlers(connection, application));
    }

    /** Those who wait here may look: answers were committed. */
    void committed(List<String> ids) {
        waiters.finished(ids);
    }

    private void expire() {
        try {
            database.run(connection -> {
                List<Outbox.Message> told = new ArrayList<>();
                for (Pending late : RequestStore.expire(connection, clock.instant())) {
                    metrics.refused("request-timeout");
                    if (late.seq() != null) {
                        told.add(messages.answer(late, StoreMessage.error("no answer in time")));
                    }
                }
                Outbox.add(connection, told);
            });
        } catch (SQLException | RuntimeException failed) {
            if (!persistence.isStopped()) {
                LOG.warnf("requests that are too old could not be given up, trying again: %s", failed);
            }
        }
    }

    private void sweep() {
        try {
            database.run(
                    connection -> RequestStore.sweep(connection, clock.instant().minus(KEPT)));
        } catch (SQLException | RuntimeException failed) {
            LOG.warnf("old requests could not be forgotten: %s", failed);
        }
    }

    private Pending pending(
            Pending.Direction direction,
            DeviceStore.Device device,
            String application,
            String name,
            @Nullable String seq,
            String text,
            Duration patience) {
        return new Pending(
                UUID.randomUUID().toString(),
                direction,
                device.cloud(),
                device.id(),
                device.account(),
                application,
                name,
                seq,
                text,
                clock.instant().plus(patience));
    }
}
