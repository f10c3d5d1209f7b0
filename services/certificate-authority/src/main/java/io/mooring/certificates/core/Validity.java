package io.mooring.certificates.core;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * From when until when a certificate is valid, both ends included, in whole seconds (RFC 5280,
 * section 4.1.2.5).
 */
public record Validity(Instant notBefore, Instant notAfter) {
    public Validity {
        notBefore = notBefore.truncatedTo(ChronoUnit.SECONDS);
        notAfter = notAfter.truncatedTo(ChronoUnit.SECONDS);
        if (!notBefore.isBefore(notAfter)) {
            throw new IllegalArgumentException("a certificate must be valid for at least a second");
        }
    }

    /**
     * Valid from a little before now, because clocks differ.
     *
     * @param backdate how much before now
     * @param lifetime how long from now
     */
    public static Validity from(Instant now, Duration backdate, Duration lifetime) {
        return new Validity(now.minus(backdate), now.plus(lifetime));
    }

    /** The same, but never longer than the issuer's; empty if the issuer is not valid at {@code now}. */
    public Optional<Validity> within(Validity issuer, Instant now) {
        if (now.isBefore(issuer.notBefore) || !now.isBefore(issuer.notAfter)) {
            return Optional.empty();
        }
        Instant from = notBefore.isBefore(issuer.notBefore) ? issuer.notBefore : notBefore;
        Instant until = notAfter.isAfter(issuer.notAfter) ? issuer.notAfter : notAfter;
        return from.isBefore(until) ? Optional.of(new Validity(from, until)) : Optional.empty();
    }
}
