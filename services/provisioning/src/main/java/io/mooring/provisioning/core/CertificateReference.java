package io.mooring.provisioning.core;

import java.time.Instant;

/**
 * A certificate a device may connect with.
 *
 * @param serial as the certificate authority names it
 * @param fingerprint SHA-256 of its DER form, lower-case hexadecimal
 * @param expires when it ends
 * @param publicKey its SubjectPublicKeyInfo, Base64; empty for one issued before this was kept
 */
public record CertificateReference(String serial, String fingerprint, Instant expires, String publicKey) {}
