package io.mooring.provisioning.keys;

import java.time.Instant;

/**
 * Access keys for a device (device protocol, section 1.4).
 *
 * @param region where they are good, as clients sign for it
 */
public record Credentials(String keyId, String secret, String sessionToken, Instant expires, String region) {
    /** Without the secret and the token, so that no log can have them. */
    @Override
    public String toString() {
        return "Credentials[keyId=" + keyId + ", expires=" + expires + "]";
    }
}
