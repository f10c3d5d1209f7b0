package io.mooring.certificates.core;

/**
 * A certificate that was made and recorded.
 *
 * @param serial 32 lower-case hexadecimal digits
 * @param purpose whom it is for
 * @param validity how long
 * @param fingerprint SHA-256 of its DER form, lower-case hexadecimal
 */
public record IssuedCertificate(String serial, Purpose purpose, Validity validity, String fingerprint) {}
