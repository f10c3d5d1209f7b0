package io.mooring.certificates.core;

import java.util.Arrays;
import java.util.Optional;

/** The kinds of keys that authorities are made with. */
public enum KeyAlgorithm {
    P256("P-256"),
    P384("P-384"),
    RSA3072("RSA-3072"),
    RSA4096("RSA-4096");

    private final String text;

    KeyAlgorithm(String text) {
        this.text = text;
    }

    /** The name in configuration. */
    public String text() {
        return text;
    }

    /** Reads the name in configuration; empty if it is none of these. */
    public static Optional<KeyAlgorithm> parse(String text) {
        return Arrays.stream(values())
                .filter(algorithm -> algorithm.text.equals(text))
                .findFirst();
    }
}
