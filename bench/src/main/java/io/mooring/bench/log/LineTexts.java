package io.mooring.bench.log;

import java.util.Locale;
import java.util.Random;

/** What lines of logs say: some 95 characters of words, and a number of each line's own. */
public final class LineTexts {
    private static final String[] WORDS =
            ("connection pool worker request sensor battery voltage timeout retry network interface device"
                            + " module kernel memory buffer session client server firmware update config value state temperature"
                            + " pressure queue message published subscribed handshake certificate renewed socket")
                    .split(" ");

    private LineTexts() {}

    /** A level, as devices say it; of a hundred lines, 85 are of the usual one. */
    public static String level(Random random) {
        int chance = random.nextInt(100);
        return chance < 85 ? "info" : chance < 93 ? "debug" : chance < 98 ? "warn" : "error";
    }

    /** A text. */
    public static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int word = 4 + random.nextInt(8); word > 0; word--) {
            text.append(WORDS[random.nextInt(WORDS.length)]).append(' ');
        }
        return text.append(String.format(Locale.ROOT, "id=%08x took %d ms", random.nextInt(), random.nextInt(5_000)))
                .toString();
    }
}
