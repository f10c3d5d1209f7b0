package io.mooring.provisioning.core;

import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A secret that a device holds, so that who guesses its claim id is not taken for it.
 *
 * @param hash SHA-256 of the secret, lower-case hexadecimal
 * @param proven the time that the last proof taken bears; no proof as old or older is taken again
 */
public record DeviceSecret(String hash, Optional<Instant> proven) {
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

    /** Whether a text can be the hash of a secret. */
    public static boolean isHash(String text) {
        return HASH.matcher(text).matches();
    }

    /** A secret of which nothing was proven yet. */
    public static DeviceSecret unproven(String hash) {
        return new DeviceSecret(hash, Optional.empty());
    }

    /** The same after a proof that bears this time. */
    DeviceSecret provenAt(Instant time) {
        return new DeviceSecret(hash, Optional.of(time));
    }
}
