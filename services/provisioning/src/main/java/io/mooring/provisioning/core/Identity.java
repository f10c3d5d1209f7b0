package io.mooring.provisioning.core;

import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which device it is.
 *
 * @param id its claim id, see {@link #isClaimId}
 * @param product the id of its product
 * @param registered when it first registered
 * @param secret what it must prove to hold, if it ever said so or was made so
 */
public record Identity(
        String id, String product, Description description, Instant registered, Optional<DeviceSecret> secret) {
    private static final Pattern CLAIM_ID = Pattern.compile("[A-Z0-9]{10}");

    /** Whether a text can be a claim id: ten upper-case letters and digits. */
    public static boolean isClaimId(String text) {
        return CLAIM_ID.matcher(text).matches();
    }
}
