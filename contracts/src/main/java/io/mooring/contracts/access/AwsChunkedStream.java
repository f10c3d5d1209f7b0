package io.mooring.contracts.access;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * The content of a body that comes in chunks ({@code Content-Encoding: aws-chunked}), with each chunk's signature
 * verified when its end is reached. Bytes are handed out before that: what was read is the signer's only once the end
 * of this stream was reached. Memory does not depend on the size of chunks.
 */
public final class AwsChunkedStream extends InputStream {
    private static final int LONGEST_LINE = 1024;
    private static final int MOST_TRAILERS = 16;
    private static final String SIGNATURE_EXTENSION = "chunk-signature=";
    private static final String TRAILER_SIGNATURE = "x-amz-trailer-signature";

    private final InputStream raw;
    private final PayloadProof.Chunks form;
    private final Set<String> announced;
    private final Map<String, String> trailers = new TreeMap<>();
    private final MessageDigest digest = Digests.sha256();
    private long leftInChunk;
    private String chunkSignature = "";
    private boolean inChunk;
    private boolean atEnd;

    /** A body that is not what was signed, or not of the form. */
    public static final class NotAsSigned extends IOException {
        private static final long serialVersionUID = 1;
        private final transient AccessRefusal refusal;

        NotAsSigned(AccessRefusal refusal) {
            super(refusal.detail());
            this.refusal = refusal;
        }

        /** Why it is refused. */
        public AccessRefusal refusal() {
            return refusal;
        }
    }

    /**
     * Reads the content of a body.
     *
     * @param announced the names in {@code x-amz-trailer}, in lower case; no other may follow the last chunk
     */
    public AwsChunkedStream(InputStream raw, PayloadProof.Chunks form, Set<String> announced) {
        this.raw = raw;
        this.form = form;
        this.announced = Set.copyOf(announced);
    }

    /** The headers after the last chunk, by lower-case name; complete once the end was reached. */
    public Map<String, String> trailers() {
        return Map.copyOf(trailers);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, buffer.length);
        if (length == 0) {
            return 0;
        }
        while (!atEnd && leftInChunk == 0) {
            nextChunk();
        }
        if (atEnd) {
            return -1;
        }
        int got = raw.read(buffer, offset, (int) Math.min(length, leftInChunk));
        if (got < 0) {
            throw new EOFException("the body ends inside a chunk");
        }
        digest.update(buffer, offset, got);
        leftInChunk -= got;
        return got;
    }

    /** Ends the chunk before, and reads the head of the next; the last one is empty. */
    private void nextChunk() throws IOException {
        if (inChunk) {
            endOfLine();
            verifyChunk();
        }
        String head = line();
        int semicolon = head.indexOf(';');
        leftInChunk = size(semicolon < 0 ? head : head.substring(0, semicolon));
        String extension = semicolon < 0 ? "" : head.substring(semicolon + 1);
        if (form.signatures() != null) {
            if (!extension.startsWith(SIGNATURE_EXTENSION)) {
                throw malformed("a chunk is not signed");
            }
            chunkSignature = extension.substring(SIGNATURE_EXTENSION.length());
        }
        inChunk = true;
        if (leftInChunk == 0) {
            verifyChunk();
            readTrailers();
            if (raw.read() >= 0) {
                throw malformed("there is more after the last chunk");
            }
            atEnd = true;
        }
    }

    private void verifyChunk() throws NotAsSigned {
        String sha256 = RequestVerifier.hex(digest.digest());
        ChunkSignatures signatures = form.signatures();
        if (signatures != null && !signatures.nextChunk(sha256, chunkSignature)) {
            throw wrongSignature("a chunk's signature is not that of its bytes");
        }
    }

    /** Up to the empty line that ends the body; without trailers that line may be missing. */
    private void readTrailers() throws IOException {
        StringBuilder canonical = new StringBuilder();
        String signature = "";
        for (int i = 0; i <= MOST_TRAILERS; i++) {
            String line = lineOrEnd();
            if (line.isEmpty()) {
                finishTrailers(canonical.toString(), signature);
                return;
            }
            int colon = line.indexOf(':');
            String name = colon < 0 ? "" : line.substring(0, colon).strip().toLowerCase(Locale.ROOT);
            String value = line.substring(colon + 1).strip();
            if (name.equals(TRAILER_SIGNATURE)) {
                signature = value;
            } else if (form.trailer() && announced.contains(name) && trailers.put(name, value) == null) {
                canonical.append(name).append(':').append(value).append('\n');
            } else {
                throw malformed("a trailer that was not announced");
            }
        }
        throw malformed("too many trailers");
    }

    private void finishTrailers(String canonical, String signature) throws IOException {
        if (form.trailer() && !trailers.keySet().equals(announced)) {
            throw malformed("a trailer that was announced is missing");
        }
        ChunkSignatures signatures = form.signatures();
        if (signatures != null && form.trailer()) {
            String sha256 = Digests.sha256Hex(canonical.getBytes(StandardCharsets.ISO_8859_1));
            if (!signatures.trailer(sha256, signature)) {
                throw wrongSignature("the trailer's signature is not that of the trailer");
            }
        }
    }

    private static long size(String hex) throws IOException {
        if (hex.isEmpty() || hex.length() > 15) {
            throw malformed("a chunk's size is no number");
        }
        long size = 0;
        for (int i = 0; i < hex.length(); i++) {
            int digit = Character.digit(hex.charAt(i), 16);
            if (digit < 0) {
                throw malformed("a chunk's size is no number");
            }
            size = size << 4 | digit;
        }
        return size;
    }

    private void endOfLine() throws IOException {
        if (raw.read() != '\r' || raw.read() != '\n') {
            throw malformed("a chunk is not as long as it says");
        }
    }

    private String line() throws IOException {
        int first = raw.read();
        if (first < 0) {
            throw new EOFException("the body ends before its last chunk");
        }
        return line(first);
    }

    private String lineOrEnd() throws IOException {
        int first = raw.read();
        return first < 0 ? "" : line(first);
    }

    private String line(int first) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = first; c != '\r'; c = raw.read()) {
            if (c < 0) {
                throw new EOFException("the body ends inside a line");
            }
            if (c == '\n' || line.length() == LONGEST_LINE) {
                throw malformed("a line of the chunks is too long or does not end as it should");
            }
            line.append((char) c);
        }
        if (raw.read() != '\n') {
            throw malformed("a line of the chunks does not end as it should");
        }
        return line.toString();
    }

    private static NotAsSigned malformed(String detail) {
        return new NotAsSigned(AccessRefusal.of(AccessRefusal.Reason.MALFORMED, detail));
    }

    private static NotAsSigned wrongSignature(String detail) {
        return new NotAsSigned(AccessRefusal.of(AccessRefusal.Reason.WRONG_SIGNATURE, detail));
    }
}
