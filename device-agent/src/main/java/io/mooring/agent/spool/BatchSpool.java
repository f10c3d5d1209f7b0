package io.mooring.agent.spool;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
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

/**
 * Batches on disk until the cloud has them, a file each, in the form in which they are sent. With a batch goes up to where each
 * source was read, in one file that is there whole or not at all, so that after a kill nothing is captured twice and nothing is
 * left out. When there is no more room the oldest batch goes, and the next hears how many entries went with it.
 */
public final class BatchSpool {
    /** How large a batch should grow, in bytes, before it is compressed: brokers take messages of 256 KiB, and some text cannot be compressed. */
    public static final int BATCH_BYTES = 200_000;

    /** The file that is in the place of all that were sent. */
    private static final String PLACES = "places.json";

    private static final String SUFFIX = ".batch";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path folder;
    private final long mostBytes;
    private final TreeMap<Long, Stored> batches = new TreeMap<>();

    /** Up to where sources were read when the last batch was written. */
    private Map<String, JsonNode> places = new TreeMap<>();

    private String life;
    private long next;
    private long bytes;
    private long dropped;
    private long droppedInAll;

    /**
     * A batch on the disk.
     *
     * @param lost how many entries it says were dropped before it
     */
    private record Stored(int entries, long lost, long bytes) {}

    /**
     * A batch to be sent.
     *
     * @param id by which the cloud knows it if it comes again
     * @param body gzip if that is shorter
     */
    public record Batch(long number, String id, byte[] body) {}

    /** What a batch says. */
    @FunctionalInterface
    public interface Body {
        /**
         * The batch as it is sent, before it is compressed.
         *
         * @param id by which the cloud knows it
         * @param dropped how many entries before it never came into a batch, or went for want of room
         */
        JsonNode of(String id, long dropped);
    }

    private BatchSpool(Path folder, long mostBytes) {
        this.folder = folder;
        this.mostBytes = mostBytes;
        this.life = UUID.randomUUID().toString().substring(0, 13);
    }

    /**
     * Opens a folder, with what is in it.
     *
     * @param mostBytes how much is kept; somewhat more for a moment
     */
    public static BatchSpool open(Path folder, long mostBytes) throws IOException {
        Files.createDirectories(folder);
        BatchSpool spool = new BatchSpool(folder, mostBytes);
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
                int entries = head.path("entries").asInt(head.path("lines").asInt());
                batches.put(number, new Stored(entries, head.path("lost").asLong(), Files.size(file)));
                bytes += Files.size(file);
                life = head.path("life").asText(life);
                if (number > upto) {
                    head.path("places").properties().forEach(place -> places.put(place.getKey(), place.getValue()));
                    upto = number;
                }
            }
        }
        next = upto + 1;
    }

    /** The first row of a batch's file: JSON, and after it what is sent. */
    private static byte[] head(byte[] file) {
        int end = 0;
        while (end < file.length && file[end] != '\n') {
            end++;
        }
        return Arrays.copyOf(file, end);
    }

    /** Up to where each source was read, as it was said when the last batch was written. */
    public synchronized Map<String, JsonNode> places() {
        return new TreeMap<>(places);
    }

    /**
     * Writes a batch; when this returns it is safe.
     *
     * @param entries how many it has
     * @param upto up to where each source was read
     * @return how many entries it says were dropped before it
     */
    public synchronized long append(int entries, Map<String, JsonNode> upto, Body body) throws IOException {
        makeRoom();
        long number = next;
        ObjectNode head = JSON.createObjectNode()
                .put("life", life)
                .put("entries", entries)
                .put("lost", dropped);
        head.set("places", JSON.valueToTree(upto));
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write(JSON.writeValueAsBytes(head));
        file.write('\n');
        file.write(shortest(JSON.writeValueAsBytes(body.of(id(number), dropped))));
        write(name(number), file.toByteArray());
        batches.put(number, new Stored(entries, dropped, file.size()));
        bytes += file.size();
        next = number + 1;
        places = new TreeMap<>(upto);
        long said = dropped;
        dropped = 0;
        notifyAll();
        return said;
    }

    /** Compressed, where that pays. */
    private static byte[] shortest(byte[] plain) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(plain);
        }
        return packed.size() < plain.length ? packed.toByteArray() : plain;
    }

    /** Entries are lost before they came into a batch; the next says so. */
    public synchronized void lose(long entries) {
        dropped += entries;
        droppedInAll += entries;
    }

    /** How many entries were dropped since this was opened. */
    public synchronized long dropped() {
        return droppedInAll;
    }

    /** Sources are read up to a place, with nothing to send. */
    public synchronized void keep(Map<String, JsonNode> upto) throws IOException {
        places = new TreeMap<>(upto);
        write(PLACES, placesFile(next - 1));
    }

    private void makeRoom() throws IOException {
        while (bytes > mostBytes && !batches.isEmpty()) {
            Stored first = batches.firstEntry().getValue();
            remove(batches.firstKey());
            // With a batch goes what it says of those before it.
            dropped += first.entries() + first.lost();
            droppedInAll += first.entries();
        }
    }

    /** The oldest batch. */
    public synchronized Optional<Batch> first() throws IOException {
        if (batches.isEmpty()) {
            return Optional.empty();
        }
        long number = batches.firstKey();
        byte[] file = Files.readAllBytes(folder.resolve(name(number)));
        int at = Math.min(head(file).length + 1, file.length);
        return Optional.of(new Batch(number, id(number), Arrays.copyOfRange(file, at, file.length)));
    }

    /** Waits until there is a batch. */
    synchronized void awaitBatch() throws InterruptedException {
        while (batches.isEmpty()) {
            wait();
        }
    }

    /** The cloud has a batch. */
    public synchronized void done(long number) throws IOException {
        if (batches.containsKey(number)) {
            remove(number);
        }
    }

    /** The same of a folder that nobody has open, if there is one. */
    public static void forget(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            open(folder, Long.MAX_VALUE).forget();
        }
    }

    /** Drops all that waits, because nobody may have it any more; what sources were read is not read again. */
    public synchronized void forget() throws IOException {
        while (!batches.isEmpty()) {
            remove(batches.firstKey());
        }
        dropped = 0;
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
        json.set("places", JSON.valueToTree(places));
        return JSON.writeValueAsBytes(json);
    }

    /** How many batches wait. */
    public synchronized int waiting() {
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
