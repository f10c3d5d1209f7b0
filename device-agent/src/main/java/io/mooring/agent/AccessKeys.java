package io.mooring.agent;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.agent.enrol.IdentityStore;
import io.mooring.agent.enrol.ProvisioningClient;
import io.mooring.agent.enrol.ProvisioningClient.Answer;
import io.mooring.agent.enrol.Registration;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The device's temporary access keys (device protocol, section 1.4): asked for when somebody first wants one, and again
 * before they end, so that what {@link #current} answers is good for a while. Kept in memory only.
 */
public final class AccessKeys {
    /** A key has at least this long to live when it is handed out, or a third of its life if that is shorter. */
    private static final Duration MARGIN = Duration.ofMinutes(5);

    private final IdentityStore identity;
    private final ProvisioningClient client;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Held held;

    /**
     * What requests are signed with (AWS Signature Version 4).
     *
     * @param id which key
     * @param secret to sign with; never sent
     * @param sessionToken goes with every request
     * @param expires when it ends
     * @param region what requests are signed for
     */
    public record Key(String id, String secret, String sessionToken, Instant expires, String region) {
        /** Without what is secret. */
        @Override
        public String toString() {
            return "Key[id=" + id + ", expires=" + expires + "]";
        }
    }

    /**
     * A key and for how long it is handed out.
     *
     * @param token the device's, that it was given for: with another registration it is worth nothing
     */
    private record Held(Key key, String token, Instant until) {}

    AccessKeys(IdentityStore identity, ProvisioningClient client) {
        this.identity = identity;
        this.client = client;
    }

    /**
     * A key that is good for a while; asks the cloud for one if there is none.
     *
     * @throws IOException if the device does not belong to anybody yet, the cloud cannot be reached, or it gives none; trying
     *     again later may help
     */
    public Key current() throws IOException, InterruptedException {
        return held().key();
    }

    /** When there will be another one. */
    Instant nextAfterCurrent() throws IOException, InterruptedException {
        return held().until();
    }

    private Held held() throws IOException, InterruptedException {
        lock.lockInterruptibly();
        try {
            Registration registration =
                    identity.registration().orElseThrow(() -> new IOException("the device was not claimed yet"));
            Instant now = Instant.now();
            Held known = held;
            if (known == null || !known.token().equals(registration.token()) || !now.isBefore(known.until())) {
                held = null;
                known = ask(registration, now);
                held = known;
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    private Held ask(Registration registration, Instant now) throws IOException, InterruptedException {
        return switch (client.accessKey(registration)) {
            case Answer.Granted(ObjectNode body) -> {
                Key key = key(body);
                Duration life = Duration.between(now, key.expires());
                Duration margin = life.dividedBy(3).compareTo(MARGIN) < 0 ? life.dividedBy(3) : MARGIN;
                yield new Held(key, registration.token(), key.expires().minus(margin));
            }
            case Answer.Wait wait -> throw new IOException("the cloud gives no access key yet: " + wait.reason());
            case Answer.Denied denied -> throw new IOException("the cloud gives no access key: " + denied.reason());
        };
    }

    private static Key key(ObjectNode body) throws IOException {
        try {
            return new Key(
                    text(body, "accessKeyId"),
                    text(body, "secretAccessKey"),
                    text(body, "sessionToken"),
                    Instant.parse(text(body, "expires")),
                    text(body, "region"));
        } catch (DateTimeException noTime) {
            throw new IOException("the cloud's answer does not say when the access key ends", noTime);
        }
    }

    private static String text(ObjectNode body, String name) throws IOException {
        if (!body.path(name).isTextual()) {
            throw new IOException("the cloud's answer holds no " + name);
        }
        return body.path(name).textValue();
    }
}
