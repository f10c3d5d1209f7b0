package io.mooring.agent.enrol;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * That a device was claimed, and so may ask for a certificate.
 *
 * @param api base URL of the device API
 * @param token the device's bearer token
 * @param cloud the cloud's name
 */
public record Registration(String api, String token, String cloud) {
    /** By which a later one is told from this; says nothing of the token. */
    public String fingerprint() {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "Registration[api=" + api + ", cloud=" + cloud + "]";
    }
}
