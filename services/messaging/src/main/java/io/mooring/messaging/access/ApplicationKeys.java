package io.mooring.messaging.access;

import io.mooring.contracts.access.AccessGrant;
import io.mooring.contracts.access.AccessKey;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/** Makes access keys for applications: temporary ones, as devices' are, and worth nothing once the token is. */
@Singleton
public class ApplicationKeys {
    private final Signatures signatures;
    private final Duration life;
    private final Clock clock = Clock.systemUTC();

    public ApplicationKeys(Signatures signatures, AccessConfig config) {
        this.signatures = signatures;
        this.life = config.applicationLife();
    }

    /**
     * A new key; empty if this installation has none.
     *
     * @param tokenSha256 of the token that the application shows, in lower-case hex
     */
    public Optional<AccessKey> issue(String application, String cloud, String tokenSha256) {
        if (!signatures.areOffered()) {
            return Optional.empty();
        }
        Instant now = clock.instant();
        return Optional.of(signatures.issue(new AccessGrant(
                application,
                cloud,
                AccessGrant.NO_ACCOUNT,
                Set.of(AccessGrant.APPLICATION, tokenSha256),
                now,
                now,
                now.plus(life))));
    }

    /** The region to sign for. */
    public String region() {
        return signatures.region();
    }
}
