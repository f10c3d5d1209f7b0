package io.mooring.files.core;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A part of an object.
 *
 * @param first offset of its first byte
 * @param length in bytes
 */
public record ByteRange(long first, long length) {
    private static final Pattern BYTES = Pattern.compile("bytes=([0-9]{0,18})-([0-9]{0,18})");

    /**
     * What a {@code Range} header asks for (RFC 9110, section 14.2); empty for all of it: there is no header, or one in
     * a form that may be ignored, such as several ranges.
     *
     * @throws Refused if nothing of it lies in the object
     */
    public static Optional<ByteRange> of(@Nullable String header, long size) throws Refused {
        Matcher range = BYTES.matcher(header == null ? "" : header.strip());
        if (!range.matches() || (range.group(1).isEmpty() && range.group(2).isEmpty())) {
            return Optional.empty();
        }
        long first;
        long last = size - 1;
        if (range.group(1).isEmpty()) {
            long wanted = Long.parseLong(range.group(2));
            first = wanted == 0 ? size : Math.max(0, size - wanted);
        } else {
            first = Long.parseLong(range.group(1));
            if (!range.group(2).isEmpty()) {
                long asked = Long.parseLong(range.group(2));
                if (asked < first) {
                    return Optional.empty();
                }
                last = Math.min(last, asked);
            }
        }
        if (first >= size) {
            throw new Refused(S3Error.INVALID_RANGE, "the object has " + size + " bytes");
        }
        return Optional.of(new ByteRange(first, last - first + 1));
    }

    /** The {@code Content-Range} of an answer. */
    public String contentRange(long size) {
        return "bytes " + first + "-" + (first + length - 1) + "/" + size;
    }
}
