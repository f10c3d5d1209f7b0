package io.mooring.certificates.core;

import java.time.Instant;

/**
 * A certificate that no longer counts.
 *
 * @param serial 32 lower-case hexadecimal digits
 * @param subject the device's id, or the server's first name
 * @param cloud the device's cloud, empty for a server
 * @param fingerprint SHA-256 of its DER form in lower-case hexadecimal, empty if it was never completed
 */
public record RevokedCertificate(
        String serial, String subject, String cloud, String fingerprint, RevocationReason reason, Instant revoked) {}
