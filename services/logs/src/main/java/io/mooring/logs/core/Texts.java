package io.mooring.logs.core;

import java.nio.charset.StandardCharsets;

/** Whether something is text, and how long. */
public final class Texts {
    private static final int ASCII = 0x80;
    private static final int TWO_BYTES = 0x800;
    private static final char REPLACEMENT = '\ufffd';

    private Texts() {}

    /** How many bytes a text has in UTF-8. */
    public static int bytes(String text) {
        int bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            // Each half of a pair has two of its four.
            bytes += c < ASCII ? 1 : c < TWO_BYTES || Character.isSurrogate(c) ? 2 : 3;
        }
        return bytes;
    }

    /** Whether it is text: no NUL, which no database keeps, and no half of a pair. */
    public static boolean isText(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0 || Character.isLowSurrogate(c)) {
                return false;
            }
            if (Character.isHighSurrogate(c)) {
                if (i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }

    /** The text with a mark in the place of whatever is none. */
    public static String cleaned(String text) {
        if (isText(text)) {
            return text;
        }
        StringBuilder clean = new StringBuilder(text.length());
        text.codePoints()
                .forEach(c -> clean.appendCodePoint(
                        c == 0 || c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? REPLACEMENT : c));
        return clean.toString();
    }

    /** The text, or its beginning and how long it was. */
    public static String cut(String text, int mostBytes) {
        int bytes = bytes(text);
        if (bytes <= mostBytes) {
            return text;
        }
        String mark = "… [cut, it had " + bytes + " bytes]";
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        int end = mostBytes - mark.getBytes(StandardCharsets.UTF_8).length;
        // Not in the middle of a character: its second and later bytes are 10xxxxxx.
        while (end > 0 && (utf8[end] & 0xc0) == 0x80) {
            end--;
        }
        return new String(utf8, 0, end, StandardCharsets.UTF_8) + mark;
    }
}
