package io.mooring.files.core;

import java.nio.charset.StandardCharsets;

/**
 * An object, by its owner and its name below the owner's prefix.
 *
 * @param name the key past {@code device/}; not empty
 */
public record ObjectKey(Owner owner, String name) {
    /** The longest key, in bytes of UTF-8, as S3 has it. */
    public static final int LONGEST = 1024;

    /**
     * Reads a key.
     *
     * @param key the whole of it, decoded, beginning with the owner's prefix
     * @throws Refused if it may not be a key here: too long, with control characters or characters that XML cannot
     *     bear, or with {@code .} or {@code ..} between slashes, which clients and proxies resolve each their own way
     */
    public static ObjectKey of(Owner owner, String key) throws Refused {
        if (!key.startsWith(owner.prefix()) || key.length() == owner.prefix().length()) {
            throw new Refused(S3Error.ACCESS_DENIED, "a key begins with the device's own prefix");
        }
        if (key.getBytes(StandardCharsets.UTF_8).length > LONGEST) {
            throw new Refused(S3Error.KEY_TOO_LONG, "a key has at most " + LONGEST + " bytes");
        }
        if (!key.codePoints().allMatch(ObjectKey::isPlain)) {
            throw new Refused(S3Error.INVALID_ARGUMENT, "a key has no control characters and nothing XML cannot bear");
        }
        for (String segment : key.split("/", -1)) {
            if (segment.equals(".") || segment.equals("..")) {
                throw new Refused(S3Error.INVALID_ARGUMENT, "a key has no . or .. between slashes");
            }
        }
        return new ObjectKey(owner, key.substring(owner.prefix().length()));
    }

    /** The whole key. */
    public String key() {
        return owner.prefix() + name;
    }

    /** XML 1.0, section 2.2, without its control characters; U+FFFD stands for bytes that were no UTF-8. */
    static boolean isPlain(int c) {
        boolean control = c < 0x20 || c >= 0x7f && c < 0xa0;
        boolean surrogate = c >= 0xd800 && c <= 0xdfff;
        return !control && !surrogate && c < 0x110000 && (c < 0xfffd || c > 0xffff);
    }
}
