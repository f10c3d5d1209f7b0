package io.mooring.files.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.files.core.Kept;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * An object as one file, so that it is replaced whole by one rename: its bytes, then what is known of it as JSON, then
 * the length of that JSON (4 bytes, big-endian) and a mark.
 */
final class ObjectFile {
    private static final byte[] MARK = "MOORING1".getBytes(StandardCharsets.US_ASCII);
    private static final int TAIL = Integer.BYTES + MARK.length;
    private static final int LONGEST_DESCRIPTION = 64 * 1024;
    private static final int BUFFER = 64 * 1024;
    private static final ObjectMapper JSON = new ObjectMapper();

    private ObjectFile() {}

    /** Writes all bytes of a stream behind what the channel holds already. */
    static long append(FileChannel channel, InputStream content) throws IOException {
        byte[] buffer = new byte[BUFFER];
        long total = 0;
        for (int got = content.read(buffer); got >= 0; got = content.read(buffer)) {
            write(channel, ByteBuffer.wrap(buffer, 0, got));
            total += got;
        }
        return total;
    }

    /** Writes the description behind the bytes, and waits until the disk has all of it. */
    static void finish(FileChannel channel, Kept kept) throws IOException {
        ObjectNode json = JSON.createObjectNode()
                .put("size", kept.size())
                .put("etag", kept.etag())
                .put("modified", kept.modified().toString());
        ObjectNode headers = json.putObject("headers");
        kept.headers().forEach(headers::put);
        byte[] description = JSON.writeValueAsBytes(json);
        ByteBuffer tail = ByteBuffer.allocate(description.length + TAIL);
        tail.put(description).putInt(description.length).put(MARK).flip();
        write(channel, tail);
        channel.force(true);
    }

    private static void write(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Reads the description. */
    static Kept describe(FileChannel channel) throws IOException {
        long end = channel.size();
        ByteBuffer tail = read(channel, end - TAIL, TAIL);
        int length = tail.getInt();
        byte[] mark = new byte[MARK.length];
        tail.get(mark);
        if (!Arrays.equals(mark, MARK) || length < 0 || length > LONGEST_DESCRIPTION) {
            throw new IOException("a file in the folder of objects is none of ours, or broken");
        }
        JsonNode json = JSON.readTree(read(channel, end - TAIL - length, length).array());
        Map<String, String> headers = new HashMap<>();
        json.path("headers")
                .properties()
                .forEach(
                        header -> headers.put(header.getKey(), header.getValue().asText()));
        Kept kept = new Kept(
                headers,
                json.path("size").asLong(-1),
                json.path("etag").asText(),
                Instant.parse(json.path("modified").asText()));
        if (kept.size() != end - TAIL - length) {
            throw new IOException("a file in the folder of objects has not the size it says");
        }
        return kept;
    }

    private static ByteBuffer read(FileChannel channel, long position, int length) throws IOException {
        if (position < 0) {
            throw new IOException("a file in the folder of objects is too short to be one of ours");
        }
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, position + bytes.position()) < 0) {
                throw new IOException("a file in the folder of objects became shorter");
            }
        }
        return bytes.flip();
    }

    /** A part of the bytes. */
    static InputStream slice(FileChannel channel, long offset, long length) throws IOException {
        channel.position(offset);
        return new Bounded(Channels.newInputStream(channel), length);
    }

    /** Not more than so many bytes of a stream. */
    private static final class Bounded extends InputStream {
        private final InputStream in;
        private long left;

        Bounded(InputStream in, long left) {
            this.in = in;
            this.left = left;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int count) throws IOException {
            if (left == 0) {
                return -1;
            }
            int got = in.read(buffer, offset, (int) Math.min(count, left));
            left -= Math.max(got, 0);
            return got;
        }

        @Override
        public long transferTo(OutputStream out) throws IOException {
            byte[] buffer = new byte[BUFFER];
            long total = 0;
            for (int got = read(buffer, 0, BUFFER); got >= 0; got = read(buffer, 0, BUFFER)) {
                out.write(buffer, 0, got);
                total += got;
            }
            return total;
        }
    }
}
