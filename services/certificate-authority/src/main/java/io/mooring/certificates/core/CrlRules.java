package io.mooring.certificates.core;

import java.time.Duration;
import java.time.Instant;

/**
 * When a list of revoked certificates is made anew.
 *
 * @param period how often, if nothing changes
 * @param lifetime how long each is good for, by its own word (RFC 5280, section 5.1.2.5)
 * @param rootLifetime the same for the root's, whose key may be far away
 */
public record CrlRules(Duration period, Duration lifetime, Duration rootLifetime) {
    public CrlRules {
        if (period.compareTo(lifetime) >= 0) {
            throw new IllegalArgumentException("a list must be good for longer than the time until the next one");
        }
    }

    /** How long a new list of this authority is good for. */
    public Duration lifetime(AuthorityName name) {
        return name instanceof AuthorityName.Root ? rootLifetime : lifetime;
    }

    /**
     * Why the next list is due, if it is.
     *
     * <p>A revocation is due at once; the schedule decides the rest. The root's list, which hardly ever
     * changes, is only renewed at half its life.
     */
    public Due due(AuthorityName name, CrlState state, Instant now) {
        if (state.number() == 0) {
            return Due.SCHEDULED;
        }
        Duration regular = name instanceof AuthorityName.Root ? rootLifetime.dividedBy(2) : period;
        if (!now.isBefore(state.scheduled().plus(regular))) {
            return Due.SCHEDULED;
        }
        return state.revocations() == state.listed() ? Due.NOT : Due.CHANGED;
    }

    /** Whether a list is due. */
    public enum Due {
        NOT,
        /** Something was revoked since. */
        CHANGED,
        /** It is time. */
        SCHEDULED
    }
}
