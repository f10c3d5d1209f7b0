package io.mooring.e2e.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.contracts.sync.RowClock;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/** Writes down what happened: one JSON object a line, in the form of docs/check-sync.md. For use by all actors. */
final class History implements AutoCloseable {
    static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path file;
    private final BufferedWriter out;
    private final long startNanos = System.nanoTime();
    private final Map<String, LongAdder> counts = new TreeMap<>();

    History(Path file) throws IOException {
        this.file = file;
        this.out = Files.newBufferedWriter(file);
    }

    Path file() {
        return file;
    }

    /** Adds a line. */
    synchronized void add(String kind, Consumer<ObjectNode> more) {
        ObjectNode line = JSON.createObjectNode();
        line.put("kind", kind);
        line.put("ms", millis());
        more.accept(line);
        counts.computeIfAbsent(kind, name -> new LongAdder()).increment();
        try {
            out.write(JSON.writeValueAsString(line));
            out.write('\n');
        } catch (IOException e) {
            throw new UncheckedIOException("the history cannot be written to " + file, e);
        }
    }

    /** Since the run began. */
    long millis() {
        return (System.nanoTime() - startNanos) / 1_000_000;
    }

    /** How many lines of a kind there are. */
    synchronized long count(String kind) {
        LongAdder count = counts.get(kind);
        return count == null ? 0 : count.sum();
    }

    /** A row's clock as the history has it. */
    static JsonNode clock(RowClock clock) {
        return JSON.valueToTree(clock.texts());
    }

    @Override
    public synchronized void close() throws IOException {
        out.close();
    }
}
