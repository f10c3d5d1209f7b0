package io.mooring.sync;

import java.security.SecureRandom;
import java.util.UUID;

/** Ids that the cloud makes for fields with {@code generate}. */
public final class NewIds {
    private static final String CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private static final int TIME_LETTERS = 10;
    private static final int RANDOM_LETTERS = 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    private NewIds() {}

    /** A ULID (github.com/ulid/spec): 48 bits of time and 80 of chance in Crockford's base 32. */
    public static String ulid() {
        long millis = System.currentTimeMillis();
        StringBuilder ulid = new StringBuilder(TIME_LETTERS + RANDOM_LETTERS);
        for (int shift = 5 * (TIME_LETTERS - 1); shift >= 0; shift -= 5) {
            ulid.append(CROCKFORD.charAt((int) (millis >> shift) & 31));
        }
        for (int i = 0; i < RANDOM_LETTERS; i++) {
            ulid.append(CROCKFORD.charAt(RANDOM.nextInt(32)));
        }
        return ulid.toString();
    }

    /** A random UUID (RFC 9562, version 4). */
    public static String uuid() {
        return UUID.randomUUID().toString();
    }
}
