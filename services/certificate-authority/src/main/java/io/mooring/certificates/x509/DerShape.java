package io.mooring.certificates.x509;

/**
 * Looks at the bones of a DER value before a full parser does: definite lengths in the shortest form,
 * each value inside its parent, nothing behind the end, and no nesting deep enough to exhaust a
 * parser's stack (ITU-T X.690, section 10.1).
 */
final class DerShape {
    /** Deepest nesting taken; a certification request needs about ten. */
    static final int MAX_DEPTH = 24;

    private static final int CONSTRUCTED = 0x20;

    private final byte[] bytes;
    private int at;

    private DerShape(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Whether the bytes are exactly one well-formed value. */
    static boolean isOneValue(byte[] bytes) {
        DerShape shape = new DerShape(bytes);
        return shape.value(bytes.length, 0) && shape.at == bytes.length;
    }

    private boolean value(int end, int depth) {
        if (depth > MAX_DEPTH || at + 2 > end) {
            return false;
        }
        int tag = bytes[at++] & 0xff;
        if ((tag & 0x1f) == 0x1f) {
            return false; // tags above 30 occur in nothing we take
        }
        int length = length(end);
        if (length < 0 || length > end - at) {
            return false;
        }
        int valueEnd = at + length;
        if ((tag & CONSTRUCTED) == 0) {
            at = valueEnd;
            return true;
        }
        while (at < valueEnd) {
            if (!value(valueEnd, depth + 1)) {
                return false;
            }
        }
        return at == valueEnd;
    }

    private int length(int end) {
        int first = bytes[at++] & 0xff;
        if (first < 0x80) {
            return first;
        }
        int count = first & 0x7f;
        if (count == 0 || count > 3 || at + count > end) {
            return -1;
        }
        int length = 0;
        for (int i = 0; i < count; i++) {
            length = (length << 8) | (bytes[at++] & 0xff);
        }
        boolean shortest = length >= 0x80 && (count == 1 || length >>> (8 * (count - 1)) != 0);
        return shortest ? length : -1;
    }
}
