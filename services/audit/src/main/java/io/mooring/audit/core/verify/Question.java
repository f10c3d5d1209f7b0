package io.mooring.audit.core.verify;

import io.mooring.audit.core.TrailPublicKey;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a trail is held against.
 *
 * @param keys that digests may be signed with. Not those that lie beside the trail: who can change one can change the other
 * @param expectations what other places know
 * @param partial whether what was before was removed: the first digest may then speak of one that is not there, and its
 *     sources' first numbers need not be 1
 * @param until when its last digest must have ended at the earliest; null if that is not known
 * @param stamps the authorities whose time stamps count; without any, time stamps are not looked at
 */
public record Question(
        List<TrailPublicKey> keys,
        List<Expectation> expectations,
        boolean partial,
        @Nullable Instant until,
        List<TimestampAuthority> stamps) {
    public Question {
        keys = List.copyOf(keys);
        expectations = List.copyOf(expectations);
        stamps = List.copyOf(stamps);
    }
}
