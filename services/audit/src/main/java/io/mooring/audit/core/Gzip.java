package io.mooring.audit.core;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Gzip (RFC 1952) of exactly one member, since that is all that CloudTrail's readers read: whatever followed the first
 * member would be in the file and in nobody's sight.
 */
public final class Gzip {
    private static final int HEADER = 10;
    private static final int TRAILER = 8;
    private static final int FLAGS = 3;

    /** RFC 1952, section 2.3.1: magic, deflate, no flags, no time, no extra flags, unknown system. */
    private static final byte[] PLAIN_HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 255};

    private Gzip() {}

    /** Compresses. */
    public static byte[] pack(byte[] plain) {
        CRC32 crc = new CRC32();
        crc.update(plain);
        ByteArrayOutputStream packed = new ByteArrayOutputStream(plain.length / 8 + 64);
        packed.writeBytes(PLAIN_HEADER);
        try (Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true)) {
            deflater.setInput(plain);
            deflater.finish();
            byte[] buffer = new byte[16 * 1024];
            while (!deflater.finished()) {
                packed.write(buffer, 0, deflater.deflate(buffer));
            }
        }
        // Little-endian, both of them.
        packed.writeBytes(ByteBuffer.allocate(TRAILER)
                .putInt(Integer.reverseBytes((int) crc.getValue()))
                .putInt(Integer.reverseBytes(plain.length))
                .array());
        return packed.toByteArray();
    }

    /**
     * Expands.
     *
     * @param most bytes that it may expand to: more is refused, not expanded
     * @throws IOException if it is no gzip, cut short, changed, too large, or goes on after its one member
     */
    public static byte[] unpack(byte[] packed, int most) throws IOException {
        if (packed.length < HEADER + TRAILER || packed[0] != 0x1f || packed[1] != (byte) 0x8b || packed[2] != 8) {
            throw new IOException("is no gzip");
        }
        if (packed[FLAGS] != 0) {
            throw new IOException("has fields in its gzip header that this trail's files never have");
        }
        ByteArrayOutputStream plain = new ByteArrayOutputStream(Math.min(most, packed.length * 8));
        try (Inflater inflater = new Inflater(true)) {
            inflater.setInput(packed, HEADER, packed.length - HEADER);
            byte[] buffer = new byte[16 * 1024];
            while (!inflater.finished()) {
                int got = inflater.inflate(buffer);
                if (got == 0 && !inflater.finished()) {
                    throw new IOException("is cut short");
                }
                if (got > most - plain.size()) {
                    throw new IOException("expands to more than " + most + " bytes");
                }
                plain.write(buffer, 0, got);
            }
            if (inflater.getRemaining() < TRAILER) {
                throw new IOException("is cut short");
            }
            if (inflater.getRemaining() > TRAILER) {
                throw new IOException("goes on after its end");
            }
        } catch (DataFormatException changed) {
            throw new IOException("is damaged: " + changed.getMessage(), changed);
        }
        byte[] bytes = plain.toByteArray();
        CRC32 crc = new CRC32();
        crc.update(bytes);
        ByteBuffer trailer = ByteBuffer.wrap(packed, packed.length - TRAILER, TRAILER);
        if (Integer.reverseBytes(trailer.getInt()) != (int) crc.getValue()
                || Integer.reverseBytes(trailer.getInt()) != bytes.length) {
            throw new IOException("is damaged: its checksum is another's");
        }
        return bytes;
    }
}
