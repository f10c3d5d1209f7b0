package io.mooring.certificates.core;

import java.util.Arrays;
import java.util.Optional;

/** Why a certificate no longer counts (RFC 5280, section 5.3.1: those that last, and that fit this cloud). */
public enum RevocationReason {
    UNSPECIFIED("unspecified", 0),
    KEY_COMPROMISE("keyCompromise", 1),
    /** An authority's key is known to others: for authorities only. */
    CA_COMPROMISE("cACompromise", 2),
    AFFILIATION_CHANGED("affiliationChanged", 3),
    SUPERSEDED("superseded", 4),
    CESSATION_OF_OPERATION("cessationOfOperation", 5),
    PRIVILEGE_WITHDRAWN("privilegeWithdrawn", 9);

    private final String text;
    private final int code;

    RevocationReason(String text, int code) {
        this.text = text;
        this.code = code;
    }

    /** The RFC's name. */
    public String text() {
        return text;
    }

    /** The RFC's number. */
    public int code() {
        return code;
    }

    /** Reads the RFC's name of a reason that fits a device or server; empty if it is none. */
    public static Optional<RevocationReason> parse(String text) {
        return parseForAuthority(text).filter(reason -> reason != CA_COMPROMISE);
    }

    /** Reads the RFC's name of a reason that fits an authority; empty if it is none. */
    public static Optional<RevocationReason> parseForAuthority(String text) {
        return Arrays.stream(values())
                .filter(reason -> reason.text.equals(text))
                .findFirst();
    }
}
