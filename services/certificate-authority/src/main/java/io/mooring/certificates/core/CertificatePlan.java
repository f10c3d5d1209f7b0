package io.mooring.certificates.core;

/**
 * A certificate that may be made.
 *
 * @param purpose whom it is for
 * @param validity how long
 * @param keyEncipherment whether the key may also wrap keys: for RSA servers, which TLS 1.2 asks it of
 */
public record CertificatePlan(Purpose purpose, Validity validity, boolean keyEncipherment) {}
