package io.mooring.contracts.access;

import java.nio.charset.StandardCharsets;

/**
 * Where and when a signature is good (Signature Version 4, "credential scope").
 *
 * @param date the day, {@code yyyyMMdd}
 */
record CredentialScope(String date, String region, String service) {
    static final String ALGORITHM = "AWS4-HMAC-SHA256";
    static final String TERMINATOR = "aws4_request";

    String text() {
        return date + "/" + region + "/" + service + "/" + TERMINATOR;
    }

    /** The key that signs in this scope. */
    byte[] signingKey(String secret) {
        byte[] key = Digests.hmac(("AWS4" + secret).getBytes(StandardCharsets.UTF_8), date);
        return Digests.hmac(Digests.hmac(Digests.hmac(key, region), service), TERMINATOR);
    }

    /** The string to sign for a canonical request. */
    String stringToSign(String timestamp, String canonicalRequestSha256) {
        return String.join("\n", ALGORITHM, timestamp, text(), canonicalRequestSha256);
    }
}
