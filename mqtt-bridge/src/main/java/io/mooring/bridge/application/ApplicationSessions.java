package io.mooring.bridge.application;

import com.hivemq.extension.sdk.api.client.parameter.ConnectionInformation;
import com.hivemq.extension.sdk.api.packets.disconnect.DisconnectReasonCode;
import com.hivemq.extension.sdk.api.services.Services;
import com.hivemq.extension.sdk.api.services.subscription.TopicSubscription;
import io.mooring.bridge.limits.Pace;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The clients of applications on this broker node, and when their connections end. */
final class ApplicationSessions {
    /** The connection attribute that holds the id of the session that was let in. */
    static final String SESSION_ATTRIBUTE = "mooring-application";

    /** Parts the application from the rest of a client id; no device's id has one. */
    private static final char SEPARATOR = ':';

    /** How long a connection that was let in may take to become one. */
    private static final Duration ARRIVAL = Duration.ofSeconds(60);

    private static final Logger LOG = LoggerFactory.getLogger(ApplicationSessions.class);

    private final Applications applications;
    private final Clock clock;
    private final int maxOutstanding;
    private final int messagesPerSecond;
    private final Map<String, Subscriber> subscribers = new ConcurrentHashMap<>();
    private final Map<String, ApplicationSession> sessions = new ConcurrentHashMap<>();
    private final Map<String, Pace> paces = new ConcurrentHashMap<>();

    ApplicationSessions(Applications applications, Clock clock, int maxOutstanding, int messagesPerSecond) {
        this.applications = applications;
        this.clock = clock;
        this.maxOutstanding = maxOutstanding;
        this.messagesPerSecond = messagesPerSecond;
        applications.listen(this::changed);
    }

    /** The client id that the broker knows an application's client by. */
    static String clientId(String application, String given) {
        return application + SEPARATOR + given;
    }

    /** Whose a client is; empty if it is a device. */
    static Optional<String> applicationOf(String clientId) {
        int at = clientId.indexOf(SEPARATOR);
        return at < 0 ? Optional.empty() : Optional.of(clientId.substring(0, at));
    }

    /** The client of an application, known from now on. */
    Subscriber know(String clientId, String application) {
        return subscribers.computeIfAbsent(clientId, id -> new Subscriber(id, application, maxOutstanding));
    }

    /** The broker has kept the session of a client from before it started. */
    void kept(String clientId) {
        applicationOf(clientId)
                .ifPresent(application -> Services.subscriptionStore()
                        .getSubscriptions(clientId)
                        .whenComplete((subscriptions, failure) -> {
                            if (failure != null) {
                                LOG.warn("could not read the subscriptions of {}: {}", clientId, failure.toString());
                                return;
                            }
                            Subscriber subscriber = know(clientId, application);
                            for (TopicSubscription one : subscriptions) {
                                subscriber.subscribe(one.getTopicFilter(), one.getQos());
                            }
                        }));
    }

    /** The broker has no session of a client any more. */
    void forget(Subscriber subscriber) {
        if (subscriber.connected().isEmpty()) {
            subscribers.remove(subscriber.clientId(), subscriber);
        }
    }

    Collection<Subscriber> subscribers() {
        return subscribers.values();
    }

    /** An application is let in. */
    void admitted(ApplicationSession session) {
        sessions.put(session.id(), session);
    }

    /** The connection is there. */
    void arrived(ApplicationSession session) {
        Subscriber subscriber = session.subscriber();
        // Whom this connection takes the place of may have been forgotten since it was let in.
        subscribers.put(subscriber.clientId(), subscriber);
        subscriber.connected(session);
        subscriber.window().resumed();
        check(session);
    }

    /** The connection ended. */
    void left(ApplicationSession session) {
        sessions.remove(session.id());
        Subscriber subscriber = session.subscriber();
        if (subscriber.connected().filter(session::equals).isPresent()) {
            subscriber.connected(null);
            if (!session.lasting()) {
                subscriber.reset();
                forget(subscriber);
            }
        }
    }

    /** The session of a connection; empty if it is not an application's. */
    Optional<ApplicationSession> of(ConnectionInformation connection) {
        return connection
                .getConnectionAttributeStore()
                .getAsString(SESSION_ATTRIBUTE)
                .map(sessions::get);
    }

    int connections() {
        return sessions.size();
    }

    long connections(String application) {
        return sessions.values().stream()
                .filter(session -> session.application().equals(application))
                .count();
    }

    /** How fast an application may speak on this node, over all of its connections. */
    Pace.Verdict pace(String application) {
        Pace pace = paces.computeIfAbsent(application, id -> new Pace(messagesPerSecond, System.nanoTime()));
        synchronized (pace) {
            return pace.next(System.nanoTime());
        }
    }

    private void changed(String application) {
        for (ApplicationSession session : sessions.values()) {
            if (session.application().equals(application)) {
                check(session);
            }
        }
        if (applications.find(application).isEmpty()) {
            paces.remove(application);
            for (Subscriber subscriber : subscribers.values()) {
                if (subscriber.application().equals(application)) {
                    var unused = Services.clientService().invalidateSession(subscriber.clientId());
                    forget(subscriber);
                }
            }
        }
    }

    private void check(ApplicationSession session) {
        Application now = applications.find(session.application()).orElse(null);
        if (!session.isStillGood(now, clock.instant())) {
            end(session, DisconnectReasonCode.NOT_AUTHORIZED, "application-revoked");
        }
    }

    /** Looks at all connections, for tokens and certificates whose time is over. To be called each second or so. */
    void sweep() {
        Instant longAgo = clock.instant().minus(ARRIVAL);
        sessions.values()
                .removeIf(session -> session.since().isBefore(longAgo)
                        && session.subscriber()
                                .connected()
                                .filter(session::equals)
                                .isEmpty());
        sessions.values().forEach(this::check);
    }

    /** Ends a connection. */
    void end(ApplicationSession session, DisconnectReasonCode code, String reason) {
        LOG.info("ending the connection of {}: {}", session.clientId(), reason);
        Services.clientService()
                .disconnectClient(session.clientId(), true, code, reason)
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        LOG.warn("could not disconnect {}: {}", session.clientId(), failure.toString());
                    }
                });
    }
}
