package io.mooring.agent.log;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Joins rows that belong together into one line, such as those of a stack trace. */
final class LineJoiner {
    /** The longest line in bytes; what goes beyond is cut. The cloud takes 64 KiB. */
    static final int LONGEST = 32_768;

    private static final Pattern GOES_ON =
            Pattern.compile("\\s.*|Caused by: .*|Suppressed: .*|\\.\\.\\. \\d+ more|[})\\]].*|");

    private final @Nullable Pattern begins;
    private final StringBuilder rows = new StringBuilder();
    private int bytes;
    private int cut;
    private boolean open;

    LineJoiner(@Nullable Pattern begins) {
        this.begins = begins;
    }

    /** Takes a row; gives the line that is whole by that, if one is. */
    Optional<String> add(String row) {
        boolean goesOn = open
                && (begins == null
                        ? GOES_ON.matcher(row).matches()
                        : !begins.matcher(row).find());
        Optional<String> whole = goesOn ? Optional.empty() : flush();
        append(row, goesOn);
        return whole;
    }

    private void append(String row, boolean goesOn) {
        open = true;
        int more = row.getBytes(StandardCharsets.UTF_8).length + (goesOn ? 1 : 0);
        if (cut > 0 || bytes + more > LONGEST) {
            String room = cut > 0 ? "" : beginning(row, Math.max(0, LONGEST - bytes - 1));
            rows.append(goesOn && !room.isEmpty() ? "\n" : "").append(room);
            cut += Math.max(1, more - room.getBytes(StandardCharsets.UTF_8).length);
        } else {
            rows.append(goesOn ? "\n" : "").append(row);
        }
        bytes += more;
    }

    private static String beginning(String text, int most) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        int end = Math.min(most, utf8.length);
        // Not in the middle of a character: its second and later bytes are 10xxxxxx.
        while (end > 0 && end < utf8.length && (utf8[end] & 0xc0) == 0x80) {
            end--;
        }
        return new String(utf8, 0, end, StandardCharsets.UTF_8);
    }

    /** The line that is open, if one is: nothing more came of it in time. */
    Optional<String> flush() {
        if (!open) {
            return Optional.empty();
        }
        String line = cut > 0 ? rows + "… [cut, " + cut + " more bytes]" : rows.toString();
        rows.setLength(0);
        bytes = 0;
        cut = 0;
        open = false;
        return line.isBlank() ? Optional.empty() : Optional.of(line);
    }

    boolean isOpen() {
        return open;
    }
}
