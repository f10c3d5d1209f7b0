package io.mooring.certificates.x509;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** The textual encoding of certificates, requests and keys (RFC 7468). */
public final class Pem {
    private static final String BEGIN = "-----BEGIN ";
    private static final String DASHES = "-----";

    private Pem() {}

    /**
     * One block of text read.
     *
     * @param label such as {@code CERTIFICATE REQUEST}
     * @param content what it holds, DER
     */
    @SuppressWarnings("ArrayRecordComponent") // passed on, never compared
    public record Block(String label, byte[] content) {}

    /** Writes one block, with lines of 64 characters and a line feed at the end. */
    public static String write(String label, byte[] der) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return BEGIN + label + DASHES + "\n" + body + "\n-----END " + label + DASHES + "\n";
    }

    /** Reads a text that holds one block and nothing else but white space; empty if it does not. */
    public static Optional<Block> readOne(String text) {
        String trimmed = text.strip();
        int labelEnd = trimmed.indexOf(DASHES, BEGIN.length());
        if (!trimmed.startsWith(BEGIN) || labelEnd < 0) {
            return Optional.empty();
        }
        String label = trimmed.substring(BEGIN.length(), labelEnd);
        String end = "-----END " + label + DASHES;
        int bodyStart = labelEnd + DASHES.length();
        int bodyEnd = trimmed.length() - end.length();
        if (!trimmed.endsWith(end) || bodyEnd < bodyStart) {
            return Optional.empty();
        }
        try {
            byte[] content = Base64.getDecoder().decode(withoutSpace(trimmed, bodyStart, bodyEnd));
            return content.length == 0 ? Optional.empty() : Optional.of(new Block(label, content));
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
    }

    private static byte[] withoutSpace(String text, int from, int to) {
        byte[] kept = new byte[to - from];
        int length = 0;
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (c != '\r' && c != '\n' && c != '\t' && c != ' ') {
                // What is not ASCII is not base64 either.
                kept[length++] = c < 0x80 ? (byte) c : (byte) '?';
            }
        }
        return Arrays.copyOf(kept, length);
    }

    /** Reads all blocks of a text, in order, passing over what stands between them; a broken one ends it. */
    public static List<Block> readAll(String text) {
        List<Block> blocks = new ArrayList<>();
        int from = text.indexOf(BEGIN);
        while (from >= 0) {
            int end = text.indexOf("-----END ", from);
            int close = end < 0 ? -1 : text.indexOf(DASHES, end + DASHES.length());
            Optional<Block> block =
                    close < 0 ? Optional.empty() : readOne(text.substring(from, close + DASHES.length()));
            if (block.isEmpty()) {
                return blocks;
            }
            blocks.add(block.get());
            from = text.indexOf(BEGIN, close);
        }
        return blocks;
    }
}
