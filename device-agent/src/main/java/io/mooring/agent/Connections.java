package io.mooring.agent;

import io.mooring.agent.cloud.CloudConnection;
import io.mooring.agent.enrol.Membership;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The connections of one device: one, or two while the one takes over from the other. */
final class Connections {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final AgentRuntime runtime;
    private final CloudConnection.Settings settings;
    private final CloudConnection.Hearers hearers;
    private final Set<CloudConnection> open = ConcurrentHashMap.newKeySet();

    Connections(AgentRuntime runtime, CloudConnection.Settings settings, CloudConnection.Hearers hearers) {
        this.runtime = runtime;
        this.settings = settings;
        this.hearers = hearers;
    }

    /** Starts to connect; to be {@link #drop dropped} in the end. */
    CloudConnection open(Membership membership) throws GeneralSecurityException {
        runtime.trust().learn(membership);
        CloudConnection connection = CloudConnection.open(settings, membership, runtime.trust(), hearers);
        open.add(connection);
        return connection;
    }

    /** Waits until a connection is there; says why not, if it does not come about. */
    static Optional<String> reach(CloudConnection connection, Membership membership) throws InterruptedException {
        String where = membership.endpoint() + ":" + membership.port();
        try {
            CompletableFuture.anyOf(connection.ready(), connection.closed())
                    .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            if (!connection.ready().isDone()) {
                // gone before it was there; the client may never say what became of its subscription
                return Optional.of(
                        "cannot stay with " + where + ": " + connection.closed().get());
            }
            // says so if it failed
            connection.ready().get();
            return Optional.empty();
        } catch (ExecutionException | TimeoutException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            return Optional.of("cannot connect to " + where + ": " + cause.getMessage());
        }
    }

    /** Waits for a connection to end, or for something to come between; says why it ended, empty if it did not. */
    static Optional<String> awaitEnd(CloudConnection connection, Duration patience, CompletableFuture<?> between)
            throws InterruptedException {
        try {
            CompletableFuture.anyOf(connection.closed(), between).get(patience.toMillis(), TimeUnit.MILLISECONDS);
            return Optional.ofNullable(connection.closed().getNow(null));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            throw new IllegalStateException("why a connection closed is never a failure", e);
        }
    }

    /** Ends a connection, if it has not ended. */
    void drop(CloudConnection connection) {
        var _ = connection.close();
        open.remove(connection);
    }

    /** Ends all that are open or being made. */
    void hangUp() {
        open.forEach(CloudConnection::close);
    }
}
