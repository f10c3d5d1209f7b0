package io.mooring.provisioning.keys;

import java.time.Instant;

/** A token that says which device somebody is (JWT), and its end. */
public record IssuedToken(String token, Instant expires) {
    /** Without the token, so that no log can have it. */
    @Override
    public String toString() {
        return "IssuedToken[expires=" + expires + "]";
    }
}
