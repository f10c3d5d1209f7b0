package io.mooring.bridge.application;

import com.hivemq.extension.sdk.api.packets.general.MqttVersion;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * One connection of an application.
 *
 * @param id distinct for each
 * @param tokenSha256 of the password it proved itself with; null if by certificate
 * @param certificate it proved itself with; null if by password
 * @param expires when the certificate's time is over
 * @param since when it was let in
 * @param lasting whether the broker keeps the session when the connection ends
 * @param tickets what it has not acknowledged of shared subscriptions, by packet id
 */
record ApplicationSession(
        String id,
        Subscriber subscriber,
        MqttVersion version,
        byte @Nullable [] tokenSha256,
        @Nullable String certificate,
        @Nullable Instant expires,
        Instant since,
        boolean lasting,
        Map<Integer, Long> tickets) {
    ApplicationSession(
            String id,
            Subscriber subscriber,
            MqttVersion version,
            byte @Nullable [] tokenSha256,
            @Nullable String certificate,
            @Nullable Instant expires,
            Instant since,
            boolean lasting) {
        this(id, subscriber, version, tokenSha256, certificate, expires, since, lasting, new ConcurrentHashMap<>());
    }

    String clientId() {
        return subscriber.clientId();
    }

    String application() {
        return subscriber.application();
    }

    /** Whether the application may still be connected by what it proved itself with. */
    boolean isStillGood(@Nullable Application now, Instant at) {
        if (now == null || !now.active() || expires != null && at.isAfter(expires)) {
            return false;
        }
        return tokenSha256 != null
                ? now.accepts(tokenSha256, at)
                : now.certificates().contains(certificate);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ApplicationSession session && session.id.equals(id);
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }
}
