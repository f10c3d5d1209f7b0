package io.mooring.certificates.core;

/** What kind of public key somebody wants certified. */
public sealed interface KeyFacts {
    /**
     * A key on a named elliptic curve.
     *
     * @param curve the curve's name, such as {@code P-256}
     */
    record EllipticCurve(String curve) implements KeyFacts {}

    /**
     * An RSA key.
     *
     * @param bits size of the modulus in bits
     * @param exponentBits size of the public exponent in bits
     */
    record Rsa(int bits, int exponentBits) implements KeyFacts {}

    /**
     * Any other key.
     *
     * @param algorithm its object identifier
     */
    record Other(String algorithm) implements KeyFacts {}
}
