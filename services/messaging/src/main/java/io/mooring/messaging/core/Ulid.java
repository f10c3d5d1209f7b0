package io.mooring.messaging.core;

import java.time.Instant;

/** Ids that sort by the time they were made (the ULID specification): 48 bits of milliseconds, 80 of chance. */
public final class Ulid {
    /** How much chance an id takes. */
    public static final int CHANCE_BYTES = 16;

    private static final String DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private static final int TIME_DIGITS = 10;
    private static final int BITS = 5;
    private static final int MASK = 31;

    private Ulid() {}

    /** An id of a time; each of the 16 last digits takes one byte of chance. */
    public static String of(Instant time, byte[] chance) {
        StringBuilder id = new StringBuilder(TIME_DIGITS + CHANCE_BYTES);
        for (int i = TIME_DIGITS - 1; i >= 0; i--) {
            id.append(DIGITS.charAt((int) (time.toEpochMilli() >> (BITS * i)) & MASK));
        }
        for (byte random : chance) {
            id.append(DIGITS.charAt(random & MASK));
        }
        return id.toString();
    }
}
