package io.mooring.files.core;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where an object lies in a folder: a path of names that are safe on any file system, one for each key and back.
 *
 * <p>Letters, digits and {@code . _ -} stand for themselves, everything else and a dot at the beginning of a name for
 * {@code %XX} of its UTF-8 bytes; an empty segment is {@code %}. A folder bears a {@code +} behind its name, so that the objects {@code a}
 * and {@code a/b} may both exist. A segment of more than 200 characters goes on in folders that bear a {@code ~}.
 */
public final class KeyPath {
    private static final int LONGEST_NAME = 200;
    private static final char FOLDER = '+';
    private static final char CONTINUED = '~';
    private static final String EMPTY = "%";

    private KeyPath() {}

    /** The names of folders, and last of the file, of an object. */
    public static List<String> of(String name) {
        List<String> path = new ArrayList<>();
        String[] segments = name.split("/", -1);
        for (int i = 0; i < segments.length; i++) {
            String rest = encode(segments[i]);
            while (rest.length() > LONGEST_NAME) {
                path.add(rest.substring(0, LONGEST_NAME) + CONTINUED);
                rest = rest.substring(LONGEST_NAME);
            }
            path.add(i < segments.length - 1 ? rest + FOLDER : rest);
        }
        return path;
    }

    /** The object that lies there; empty if none of ours would. */
    public static Optional<String> nameOf(List<String> path) {
        StringBuilder name = new StringBuilder();
        StringBuilder segment = new StringBuilder();
        for (int i = 0; i < path.size(); i++) {
            String part = path.get(i);
            char mark = part.isEmpty() ? 0 : part.charAt(part.length() - 1);
            boolean last = i == path.size() - 1;
            if (mark == 0 || last == (mark == FOLDER || mark == CONTINUED)) {
                return Optional.empty();
            }
            segment.append(last ? part : part.substring(0, part.length() - 1));
            if (mark != CONTINUED) {
                Optional<String> decoded = decode(segment.toString());
                if (decoded.isEmpty()) {
                    return Optional.empty();
                }
                name.append(decoded.get()).append(last ? "" : "/");
                segment.setLength(0);
            }
        }
        // Only the one way of writing it is ours.
        return Optional.of(name.toString()).filter(found -> of(found).equals(path));
    }

    private static String encode(String segment) {
        if (segment.isEmpty()) {
            return EMPTY;
        }
        StringBuilder encoded = new StringBuilder();
        for (byte one : segment.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (one & 0xff);
            boolean plain = c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9';
            // Also where a long segment goes on in the next name, which must not be . or .. either.
            boolean first = encoded.length() % LONGEST_NAME == 0;
            if (plain || c == '_' || c == '-' || (c == '.' && !first)) {
                encoded.append(c);
            } else {
                encoded.append(String.format("%%%02X", (int) c));
            }
        }
        return encoded.toString();
    }

    private static Optional<String> decode(String encoded) {
        if (encoded.equals(EMPTY)) {
            return Optional.of("");
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < encoded.length(); i++) {
            char c = encoded.charAt(i);
            if (c != '%') {
                bytes.write(c);
                continue;
            }
            int high = i + 2 < encoded.length() ? Character.digit(encoded.charAt(i + 1), 16) : -1;
            int low = i + 2 < encoded.length() ? Character.digit(encoded.charAt(i + 2), 16) : -1;
            if (high < 0 || low < 0) {
                return Optional.empty();
            }
            bytes.write(high << 4 | low);
            i += 2;
        }
        return Optional.of(bytes.toString(StandardCharsets.UTF_8));
    }
}
