package io.mooring.audit.http;

import io.mooring.audit.core.Sha256;
import java.nio.charset.StandardCharsets;

/** Tokens are known by their hashes. */
final class Hashes {
    private Hashes() {}

    static String sha256(String text) {
        return Sha256.hex(text.getBytes(StandardCharsets.UTF_8));
    }
}
