package io.mooring.files.core;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/** What a client may say of the bytes it sends, to be compared with those that arrive. */
public enum Checksum {
    /** RFC 1864. */
    MD5("content-md5", 16),
    CRC32("x-amz-checksum-crc32", 4),
    CRC32C("x-amz-checksum-crc32c", 4),
    CRC64NVME("x-amz-checksum-crc64nvme", 8),
    SHA1("x-amz-checksum-sha1", 20),
    SHA256("x-amz-checksum-sha256", 32);

    /** What headers of checksums begin with, but for the oldest one. */
    public static final String HEADER_PREFIX = "x-amz-checksum-";

    private final String header;
    private final int length;

    Checksum(String header, int length) {
        this.header = header;
        this.length = length;
    }

    /** The header, or trailer, that it comes in: base64. */
    public String header() {
        return header;
    }

    /** The checksum that comes in a header, by its lower-case name. */
    public static Optional<Checksum> ofHeader(String name) {
        for (Checksum checksum : values()) {
            if (checksum.header.equals(name.toLowerCase(Locale.ROOT))) {
                return Optional.of(checksum);
            }
        }
        return Optional.empty();
    }

    /** Reads a value; refused if it is not base64 of the right length. */
    public byte[] read(String base64) throws Refused {
        try {
            byte[] value = Base64.getDecoder().decode(base64.strip());
            if (value.length == length) {
                return value;
            }
        } catch (IllegalArgumentException e) {
            // Refused below.
        }
        throw new Refused(S3Error.INVALID_DIGEST, header + " is not " + length + " bytes in base64");
    }

    /** A calculation under way. */
    public interface Calculation {
        void update(byte[] bytes, int offset, int count);

        /** The result; ends the calculation. */
        byte[] value();
    }

    /** Begins one. */
    public Calculation start() {
        return switch (this) {
            case MD5 -> digest("MD5");
            case SHA1 -> digest("SHA-1");
            case SHA256 -> digest("SHA-256");
            case CRC32 -> crc(new CRC32());
            case CRC32C -> crc(new CRC32C());
            case CRC64NVME -> new Crc64Nvme();
        };
    }

    private static Calculation digest(String algorithm) {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + algorithm, e);
        }
        return new Calculation() {
            @Override
            public void update(byte[] bytes, int offset, int count) {
                digest.update(bytes, offset, count);
            }

            @Override
            public byte[] value() {
                return digest.digest();
            }
        };
    }

    private static Calculation crc(java.util.zip.Checksum sum) {
        return new Calculation() {
            @Override
            public void update(byte[] bytes, int offset, int count) {
                sum.update(bytes, offset, count);
            }

            @Override
            public byte[] value() {
                return ByteBuffer.allocate(Integer.BYTES)
                        .putInt((int) sum.getValue())
                        .array();
            }
        };
    }

    /** CRC-64/NVME: reflected, polynomial 0xad93d23594c93659, all ones before and after (NVM Express, section 5.2.1.3.4). */
    private static final class Crc64Nvme implements Calculation {
        private static final long REVERSED_POLYNOMIAL = Long.reverse(0xad93d23594c93659L);
        private static final long[] TABLE = table();
        private long crc = -1;

        @Override
        public void update(byte[] bytes, int offset, int count) {
            long value = crc;
            for (int i = offset; i < offset + count; i++) {
                value = TABLE[(int) (value ^ bytes[i]) & 0xff] ^ value >>> 8;
            }
            crc = value;
        }

        @Override
        public byte[] value() {
            return ByteBuffer.allocate(Long.BYTES).putLong(~crc).array();
        }

        private static long[] table() {
            long[] table = new long[256];
            for (int i = 0; i < table.length; i++) {
                long value = i;
                for (int bit = 0; bit < 8; bit++) {
                    value = (value & 1) == 0 ? value >>> 1 : value >>> 1 ^ REVERSED_POLYNOMIAL;
                }
                table[i] = value;
            }
            return table;
        }
    }
}
