package io.mooring.agent.log;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.agent.spool.BatchSpool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lines on their way into batches on the disk, and up to where each source is read by them. */
final class LogSpool {
    /** What a line needs besides its text. */
    private static final int BYTES_OF_LINE = 100;

    private static final Logger LOG = LoggerFactory.getLogger(LogSpool.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final BatchSpool spool;
    private final Map<String, JsonNode> places;
    private ArrayNode lines = JSON.createArrayNode();
    private int size;
    private boolean moved;

    LogSpool(BatchSpool spool) {
        this.spool = spool;
        this.places = spool.places();
    }

    /** Up to where a source was read, as it said then. */
    synchronized Optional<JsonNode> place(String source) {
        return Optional.ofNullable(places.get(source));
    }

    /** Adds a line of a source, which is read up to a place by that. */
    synchronized void add(String source, LogLine line, Optional<JsonNode> place) {
        int more = line.text().getBytes(StandardCharsets.UTF_8).length + BYTES_OF_LINE;
        if (size + more > BatchSpool.BATCH_BYTES && !sealed()) {
            // The disk is full, and so is the memory that there is for this.
            spool.lose(1);
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
            return size <= 4 * BatchSpool.BATCH_BYTES;
        }
    }

    /** A source is read up to a place, without a line. */
    synchronized void at(String source, JsonNode place) {
        places.put(source, place);
        moved = true;
    }

    /** Puts what was added on the disk. */
    synchronized void seal() throws IOException {
        if (!lines.isEmpty()) {
            spool.append(lines.size(), places, this::batch);
            empty();
        } else if (moved) {
            spool.keep(places);
        }
        moved = false;
    }

    private void empty() {
        lines = JSON.createArrayNode();
        size = 0;
    }

    private ObjectNode batch(String id, long dropped) {
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
        ObjectNode batch = JSON.createObjectNode().put("id", id);
        batch.set("lines", all);
        return batch;
    }

    /** Drops all that waits. */
    synchronized void forget() throws IOException {
        empty();
        spool.forget();
        spool.keep(places);
    }
}
