package io.mooring.sync.core;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The receipts that chunks of catch-ups ask for, as text: which of a device's catch-ups, and which chunk of it. */
public final class CatchUpReceipts {
    private static final Pattern FORM = Pattern.compile("catch-up/(\\d{1,18})/(\\d{1,18})");

    private CatchUpReceipts() {}

    /** What the last message of a chunk asks to have said when the device acknowledges it. */
    public static String text(long begun, long chunk) {
        return "catch-up/" + begun + "/" + chunk;
    }

    /** Reads it back: the catch-up and the chunk; not a match for anybody else's receipt. */
    public static Matcher match(String text) {
        return FORM.matcher(text);
    }
}
