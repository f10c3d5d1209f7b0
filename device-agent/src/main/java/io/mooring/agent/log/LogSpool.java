package io.mooring.agent.log;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lines on disk until the cloud has them: batches, a file each, in the form in which they are sent. With a batch goes up to where
 * each source was read, in one file that is there whole or not at all, so that after a kill nothing is captured twice and nothing is
 * left out. When there is no more room the oldest batch goes, and the next says how many lines went with it.
 */
final class LogSpool {
    /** How large a batch grows, in bytes, before it is compressed: brokers take messages of 256 KiB, and some text cannot be compressed. */
    private static final int BATCH_BYTES = 200_000;

    /** What a line needs besides its text. */
    private static final int BYTES_OF_LINE = 100;

    private static final Logger LOG = LoggerFactory.getLogger(LogSpool.class);

    /** The file that is in the place of all that were sent. */
    private static final String PLACES = "places.json";

    private static final String SUFFIX = ".batch";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path folder;
    private final long mostBytes;
    private final TreeMap<Long, Stored> batches = new TreeMap<>();
    private final Map<String, JsonNode> places = new TreeMap<>();

    /** The places as they were when the last batch was sealed: lines after that are not on the disk yet. */
    private Map<String, JsonNode> sealed = Map.of();

    private ArrayNode lines = JSON.createArrayNode();
    private int size;
    private boolean moved;
    private String life;
    private long next;
    private long bytes;
    private long dropped;

    /**
     * A batch on the disk.
     *
     * @param lost how many lines it says were dropped before it
     */
    private record Stored(int lines, long lost, long bytes) {}

    /**
     * A batch to be sent.
     *
     * @param id by which the cloud knows it if it comes again
     * @param body compressed
     */
    record Batch(long number, String id, byte[] body) {}

    private LogSpool(Path folder, long mostBytes) {
        this.folder = folder;
        this.mostBytes = mostBytes;
        this.life = UUID.randomUUID().toString().substring(0, 13);
    }

    /** Opens a folder, with what is in it. */
    static LogSpool open(Path folder, long mostBytes) throws IOException {
        Files.createDirectories(folder);
        LogSpool spool = new LogSpool(folder, mostBytes);
        spool.load();
        return spool;
    }

    private void load() throws IOException {
        long upto = -1;
        try {
            JsonNode json = JSON.readTree(Files.readAllBytes(folder.resolve(PLACES)));
            json.path("places").properties().forEach(place -> places.put(place.getKey(), place.getValue()));
            upto = json.path("number").asLong(-1);
            life = json.path("life").asText(life);
        } catch (NoSuchFileException first) {
            // Nothing was captured yet, or all of it is still here.
            upto = -1;
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                String name = String.valueOf(file.getFileName());
                if (!name.endsWith(SUFFIX)) {
                    continue;
                }
                long number = Long.parseLong(name.substring(0, name.length() - SUFFIX.length()));
                JsonNode head = JSON.readTree(head(Files.readAllBytes(file)));
                batches.put(
                        number,
                        new Stored(head.path("lines").asInt(), head.path("lost").asLong(), Files.size(file)));
                bytes += Files.size(file);
                life = head.path("life").asText(life);
                if (number > upto) {
                    head.path("places").properties().forEach(place -> places.put(place.getKey(), place.getValue()));
                    upto = number;
                }
            }
        }
        next = upto + 1;
        sealed = new TreeMap<>(places);
    }

    /** The first row of a batch's file: JSON, and after it what is sent. */
    private static byte[] head(byte[] file) {
        int end = 0;
        while (end < file.length && file[end] != '\n') {
            end++;
        }
        return Arrays.copyOf(file, end);
    }

    /** Up to where a source was read, as it said then. */
    synchronized Optional<JsonNode> place(String source) {
        return Optional.ofNullable(places.get(source));
    }

    /** Adds a line of a source, which is read up to a place by that. */
    synchronized void add(String source, LogLine line, Optional<JsonNode> place) {
        int more = line.text().getBytes(StandardCharsets.UTF_8).length + BYTES_OF_LINE;
        if (size + more > BATCH_BYTES && !sealed()) {
            // The disk is full, and so is the memory that there is for this.
            dropped++;
            place.ifPresent(at -> at(source, at));
            return;
        }
        ObjectNode json = lines.addObject().put("time", line.millis()).put("source", source);
        if (line.level() != null) {
            json.put("level", line.level());
        }
        json.put("text", line.text());
        size += more;
        place.ifPresent(at -> at(source, at));
    }

    private boolean sealed() {
        try {
            seal();
            return true;
        } catch (IOException full) {
            LOG.debug("lines could not be written to the disk", full);
            return size <= 4 * BATCH_BYTES;
        }
    }

    /** A source is read up to a place, without a line. */
    synchronized void at(String source, JsonNode place) {
        places.put(source, place);
        moved = true;
    }

    /** Puts what was added on the disk. */
    synchronized void seal() throws IOException {
        if (lines.isEmpty()) {
            if (moved) {
                sealed = new TreeMap<>(places);
                write(PLACES, placesFile(next - 1));
                moved = false;
            }
            return;
        }
        makeRoom();
        ArrayNode all = JSON.createArrayNode();
        if (dropped > 0) {
            all.addObject()
                    .put("time", lines.get(0).path("time").asLong())
                    .put("level", "warn")
                    .put("source", "agent")
                    .put(
                            "text",
                            dropped
                                    + " lines dropped: they waited for the cloud until the disk had no more room for them");
        }
        all.addAll(lines);
        long number = next;
        ObjectNode head = JSON.createObjectNode()
                .put("life", life)
                .put("lines", lines.size())
                .put("lost", dropped);
        head.set("places", JSON.valueToTree(places));
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write(JSON.writeValueAsBytes(head));
        file.write('\n');
        ObjectNode batch = JSON.createObjectNode().put("id", id(number));
        batch.set("lines", all);
        try (GZIPOutputStream packed = new GZIPOutputStream(file)) {
            packed.write(JSON.writeValueAsBytes(batch));
        }
        write(name(number), file.toByteArray());
        batches.put(number, new Stored(lines.size(), dropped, file.size()));
        bytes += file.size();
        next = number + 1;
        sealed = new TreeMap<>(places);
        lines = JSON.createArrayNode();
        size = 0;
        moved = false;
        dropped = 0;
    }

    private void makeRoom() throws IOException {
        while (bytes > mostBytes && !batches.isEmpty()) {
            Stored first = batches.firstEntry().getValue();
            // With a batch goes what it says of those before it.
            dropped += first.lines() + first.lost();
            remove(batches.firstKey());
        }
    }

    /** The oldest batch. */
    synchronized Optional<Batch> first() throws IOException {
        if (batches.isEmpty()) {
            return Optional.empty();
        }
        long number = batches.firstKey();
        byte[] file = Files.readAllBytes(folder.resolve(name(number)));
        int at = head(file).length + 1;
        return Optional.of(new Batch(number, id(number), Arrays.copyOfRange(file, at, file.length)));
    }

    /** The cloud has a batch. */
    synchronized void done(long number) throws IOException {
        if (batches.containsKey(number)) {
            remove(number);
        }
    }

    private void remove(long number) throws IOException {
        if (number == next - 1) {
            // What else says up to where all was read.
            write(PLACES, placesFile(number));
        }
        Files.deleteIfExists(folder.resolve(name(number)));
        Stored gone = batches.remove(number);
        bytes -= gone == null ? 0 : gone.bytes();
    }

    private byte[] placesFile(long number) throws IOException {
        ObjectNode json = JSON.createObjectNode().put("life", life).put("number", number);
        json.set("places", JSON.valueToTree(sealed));
        return JSON.writeValueAsBytes(json);
    }

    /** How many batches wait. */
    synchronized int waiting() {
        return batches.size();
    }

    private String id(long number) {
        return life + "-" + number;
    }

    private static String name(long number) {
        return String.format(Locale.ROOT, "%016d", number) + SUFFIX;
    }

    private void write(String name, byte[] content) throws IOException {
        Path draft = folder.resolve(name + ".new");
        try (FileChannel out = FileChannel.open(
                draft, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer buffer = ByteBuffer.wrap(content);
            while (buffer.hasRemaining()) {
                out.write(buffer);
            }
            out.force(true);
        }
        Files.move(draft, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        } catch (IOException unable) {
            // Some systems cannot sync a folder; the file itself is safe.
            return;
        }
    }
}
