package io.mooring.agent.log;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Follows a file as {@code tail -F} does: what is added to it, and the file that takes its place when it is renamed, removed or cut to
 * nothing. It knows a file again by its number in the file system and by its first bytes, also under another name: one that was renamed
 * while the agent was away is read to its end first.
 */
final class FileTail implements AutoCloseable {
    /** The longest row; of a longer one the beginning is kept. */
    private static final int LONGEST_ROW = LineJoiner.LONGEST + 1;

    private static final int AT_ONCE = 64 * 1024;
    private static final int KNOWN_BY = 256;

    private final LogSource source;
    private final LogSettings.Origin.TextFile origin;
    private final ByteBuffer buffer = ByteBuffer.allocate(AT_ONCE);
    private final ByteArrayOutputStream row = new ByteArrayOutputStream();
    private @Nullable FileChannel open;
    private String number = "";
    /** Where the next byte is read, and where the row that it belongs to begins. */
    private long at;

    private long rowAt;
    private boolean first = true;

    FileTail(LogSource source, LogSettings.Origin.TextFile origin) {
        this.source = source;
        this.origin = origin;
    }

    /** Reads what there is; whether there was anything. */
    boolean poll() throws IOException {
        if (open == null && !begin()) {
            return false;
        }
        boolean read = readOn();
        if (read) {
            return true;
        }
        Optional<String> now = number(origin.path());
        boolean replaced = !now.equals(Optional.of(number));
        if (replaced && now.isPresent()) {
            // What was written to the old one until it was renamed has been read; a row without an end ends there.
            endRow(false);
            source.flush();
            open(origin.path(), now.get(), 0);
            return true;
        }
        FileChannel file = open;
        if (!replaced && file != null && file.size() < at) {
            source.flush();
            open(origin.path(), number, 0);
            return true;
        }
        return false;
    }

    private boolean begin() throws IOException {
        Optional<JsonNode> last = first ? source.lastPlace() : Optional.empty();
        if (last.isPresent()) {
            Optional<Path> known = find(last.get());
            first = false;
            if (known.isPresent()) {
                open(
                        known.get(),
                        last.get().path("file").asText(),
                        last.get().path("at").asLong());
                return true;
            }
        }
        Optional<String> there = number(origin.path());
        if (there.isEmpty()) {
            first = false;
            return false;
        }
        // One that appears later is new from its first byte on.
        boolean fromEnd = first && last.isEmpty() && !origin.fromStart();
        first = false;
        open(origin.path(), there.get(), fromEnd ? Files.size(origin.path()) : 0);
        if (fromEnd) {
            place().ifPresent(source::skipped);
        }
        return true;
    }

    /** The file that was being read, under whichever name in its folder. */
    private Optional<Path> find(JsonNode last) throws IOException {
        if (isSame(origin.path(), last)) {
            return Optional.of(origin.path());
        }
        Path folder = origin.path().toAbsolutePath().getParent();
        if (folder == null) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                if (isSame(file, last)) {
                    return Optional.of(file);
                }
            }
        }
        return Optional.empty();
    }

    private static boolean isSame(Path file, JsonNode last) throws IOException {
        long at = last.path("at").asLong();
        return Files.isRegularFile(file)
                && number(file).equals(Optional.of(last.path("file").asText()))
                && Files.size(file) >= at
                && begins(file, (int) Math.min(KNOWN_BY, at))
                        == last.path("begins").asLong();
    }

    private static long begins(Path file, int bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer head = ByteBuffer.allocate(bytes);
            while (head.hasRemaining() && channel.read(head) >= 0) {
                continue;
            }
            CRC32 sum = new CRC32();
            sum.update(head.array(), 0, head.position());
            return sum.getValue();
        }
    }

    private static Optional<String> number(Path file) throws IOException {
        try {
            return Optional.of(String.valueOf(Files.getAttribute(file, "unix:ino")));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        }
    }

    private void open(Path file, String known, long from) throws IOException {
        close();
        open = FileChannel.open(file, StandardOpenOption.READ);
        number = known;
        at = from;
        rowAt = from;
        row.reset();
    }

    private boolean readOn() throws IOException {
        FileChannel file = open;
        buffer.clear();
        int read = file == null ? -1 : file.read(buffer, at);
        if (read <= 0) {
            return false;
        }
        buffer.flip();
        while (buffer.hasRemaining()) {
            byte one = buffer.get();
            at++;
            if (one == '\n') {
                endRow(true);
            } else if (row.size() < LONGEST_ROW) {
                row.write(one);
            }
        }
        return true;
    }

    private void endRow(boolean ended) {
        String text = row.toString(StandardCharsets.UTF_8);
        boolean empty = row.size() == 0 && !ended;
        row.reset();
        rowAt = at;
        if (!empty) {
            source.row(text.endsWith("\r") ? text.substring(0, text.length() - 1) : text, place());
        }
    }

    private Optional<JsonNode> place() {
        FileChannel file = open;
        if (file == null) {
            return Optional.empty();
        }
        try {
            ByteBuffer head = ByteBuffer.allocate((int) Math.min(KNOWN_BY, rowAt));
            while (head.hasRemaining() && file.read(head, head.position()) >= 0) {
                continue;
            }
            CRC32 sum = new CRC32();
            sum.update(head.array(), 0, head.position());
            return Optional.of(JsonNodeFactory.instance
                    .objectNode()
                    .put("file", number)
                    .put("at", rowAt)
                    .put("begins", sum.getValue()));
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    @Override
    public void close() throws IOException {
        if (open != null) {
            open.close();
            open = null;
        }
    }
}
