package io.mooring.files.store;

import io.mooring.files.core.Checksum;
import io.mooring.files.core.Refused;
import io.mooring.files.core.S3Error;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of an upload, verified on their way: the last one is held back until all of them are known to be what the
 * client said. So whoever reads on, to a disk or to another server, never has the whole of a body that is refused.
 */
public final class VerifiedBody extends InputStream {
    private final InputStream content;
    private final long length;
    private final @Nullable String sha256;
    private final Map<Checksum, String> stated;
    private final Supplier<Map<String, String>> trailers;
    private final Map<Checksum, Checksum.Calculation> calculations = new EnumMap<>(Checksum.class);
    private final Map<Checksum, byte[]> values = new EnumMap<>(Checksum.class);
    private long left;

    /**
     * A body.
     *
     * @param length how many bytes it must have
     * @param sha256 what the request's signature says of it, lower-case hex; null if nothing
     * @param stated what headers say of it, base64
     * @param announced what trailers will say of it
     * @param trailers those trailers, by lower-case name, once the content has been read to its end
     * @throws IOException if the body is empty and should not be, or is not what it should be
     */
    public VerifiedBody(
            InputStream content,
            long length,
            @Nullable String sha256,
            Map<Checksum, String> stated,
            Set<Checksum> announced,
            Supplier<Map<String, String>> trailers)
            throws IOException {
        this.content = content;
        this.length = length;
        this.left = length;
        this.sha256 = sha256;
        this.stated = Map.copyOf(stated);
        this.trailers = trailers;
        Set<Checksum> needed = EnumSet.of(Checksum.MD5);
        needed.addAll(stated.keySet());
        needed.addAll(announced);
        if (sha256 != null) {
            needed.add(Checksum.SHA256);
        }
        needed.forEach(checksum -> calculations.put(checksum, checksum.start()));
        if (length == 0) {
            verify();
        }
    }

    /** How many bytes it has. */
    public long length() {
        return length;
    }

    /** The MD5 of all of it in lower-case hex, which is its entity tag; after the end was reached. */
    public String md5() {
        return HexFormat.of().formatHex(value(Checksum.MD5));
    }

    /** The checksum that the client chose to send with it, MD5 apart; after the end was reached. */
    public Optional<Map.Entry<Checksum, String>> chosen() {
        return values.keySet().stream()
                .filter(checksum -> checksum != Checksum.MD5)
                .filter(checksum -> checksum != Checksum.SHA256 || stated.containsKey(checksum) || sha256 == null)
                .findFirst()
                .map(checksum -> Map.entry(checksum, Base64.getEncoder().encodeToString(value(checksum))));
    }

    private byte[] value(Checksum checksum) {
        return Objects.requireNonNull(values.get(checksum), "the end was not reached");
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int count) throws IOException {
        Objects.checkFromIndexSize(offset, count, buffer.length);
        if (count == 0) {
            return 0;
        }
        if (left == 0) {
            return -1;
        }
        // All but the last byte as they come, that one alone.
        int got = content.read(buffer, offset, (int) Math.min(count, Math.max(1, left - 1)));
        if (got < 0) {
            throw new Refused(S3Error.INCOMPLETE_BODY, "the body has fewer bytes than announced");
        }
        for (Checksum.Calculation calculation : calculations.values()) {
            calculation.update(buffer, offset, got);
        }
        left -= got;
        if (left == 0) {
            verify();
        }
        return got;
    }

    private void verify() throws IOException {
        if (content.read() >= 0) {
            throw new Refused(S3Error.INCOMPLETE_BODY, "the body has more bytes than announced");
        }
        calculations.forEach((checksum, calculation) -> values.put(checksum, calculation.value()));
        if (sha256 != null && !sha256.equals(HexFormat.of().formatHex(value(Checksum.SHA256)))) {
            throw new Refused(S3Error.CONTENT_SHA256_MISMATCH, "the body is not the one whose hash was signed");
        }
        for (Map.Entry<Checksum, String> said : stated.entrySet()) {
            compare(said.getKey(), said.getValue());
        }
        for (Map.Entry<String, String> trailer : trailers.get().entrySet()) {
            Optional<Checksum> checksum = Checksum.ofHeader(trailer.getKey());
            if (checksum.isPresent()) {
                compare(checksum.get(), trailer.getValue());
            }
        }
    }

    private void compare(Checksum checksum, String said) throws Refused {
        if (!MessageDigest.isEqual(checksum.read(said), value(checksum))) {
            throw new Refused(S3Error.BAD_DIGEST, checksum.header() + " is not that of the body");
        }
    }
}
