package io.mooring.logs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.chassis.Json;
import io.mooring.logs.core.Line;
import io.mooring.logs.core.LineReader;
import io.mooring.logs.core.Outcome;
import io.mooring.logs.core.Refusal;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A body with lines, read.
 *
 * @param id of the batch; null if it has none
 * @param lines those that can be taken
 * @param places where each of them stands among all that were sent
 * @param refused by where they stand, why the others cannot be taken
 */
public record LineBody(@Nullable String id, List<Line> lines, List<Integer> places, Map<Integer, Refusal> refused) {
    /** How many refusals a device hears of; more say nothing new. */
    private static final int TOLD_REFUSALS = 20;

    private static final int GZIP_FIRST = 0x1f;
    private static final int GZIP_SECOND = 0x8b;
    private static final int LONGEST_ID = 64;

    /**
     * A batch: {@code {"id", "source", "lines": [{…}, …]}}, gzip or not.
     *
     * @param inflated how many bytes it may have when it is inflated
     * @param most how many lines
     */
    public static Outcome<LineBody> batch(byte[] body, LineReader reader, int inflated, int most) {
        return inflate(body, inflated).then(LineBody::json).then(json -> {
            JsonNode entries = json.path("lines");
            String id = json.path("id").isMissingNode() ? null : json.path("id").asText("");
            String source = json.path("source").asText("");
            if (!entries.isArray()) {
                return Outcome.refused(
                        "bad-batch", "a batch is {\"id\", \"lines\": [{\"time\", \"level\", \"text\"}]}");
            }
            if (id != null && (id.isBlank() || id.length() > LONGEST_ID || id.indexOf(0) >= 0)) {
                return Outcome.refused("bad-batch", "\"id\" is a text of 1 to " + LONGEST_ID + " characters");
            }
            if (entries.size() > most) {
                return Outcome.refused("too-many-lines", "a batch has at most " + most + " lines");
            }
            return Outcome.done(lines(id, source, entries, reader));
        });
    }

    private static LineBody lines(@Nullable String id, String source, JsonNode entries, LineReader reader) {
        List<Line> lines = new ArrayList<>(entries.size());
        List<Integer> places = new ArrayList<>(entries.size());
        Map<Integer, Refusal> refused = new TreeMap<>();
        int place = 0;
        for (JsonNode entry : entries) {
            switch (reader.entry(entry, source)) {
                case Outcome.Done<Line>(Line line) -> {
                    lines.add(line);
                    places.add(place);
                }
                case Outcome.Refused<Line>(Refusal refusal) -> refused.put(place, refusal);
            }
            place++;
        }
        return new LineBody(id, lines, places, refused);
    }

    private static Outcome<JsonNode> json(byte[] body) {
        try {
            return Outcome.done(Json.read(body));
        } catch (JsonProcessingException malformed) {
            return Outcome.refused("malformed-json", "no JSON: " + malformed.getOriginalMessage());
        } catch (IOException malformed) {
            return Outcome.refused("malformed-json", "no JSON in UTF-8");
        }
    }

    /** A body without its compression; gzip only, by its first bytes (RFC 1952, section 2.3.1). */
    public static Outcome<byte[]> inflate(byte[] body, int most) {
        boolean gzip = body.length > 1 && (body[0] & 0xff) == GZIP_FIRST && (body[1] & 0xff) == GZIP_SECOND;
        if (!gzip) {
            return body.length <= most ? Outcome.done(body) : tooLarge(most);
        }
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
            byte[] inflated = in.readNBytes(most + 1);
            return inflated.length <= most ? Outcome.done(inflated) : tooLarge(most);
        } catch (IOException broken) {
            return Outcome.refused("bad-gzip", "the gzip is broken or cut short");
        }
    }

    private static Outcome<byte[]> tooLarge(int most) {
        return Outcome.refused("too-large", "a batch has at most " + most + " bytes, inflated");
    }

    /** All that was refused: what could not be read, and what was refused after. */
    public Map<Integer, Refusal> refused(IngestHandler.Result result) {
        Map<Integer, Refusal> all = new TreeMap<>(refused);
        result.refused().forEach((at, why) -> all.put(places.get(at), why));
        return all;
    }

    /** What became of the batch: the same to a device and over HTTP. */
    public String report(IngestHandler.Result result) {
        Map<Integer, Refusal> all = refused(result);
        ObjectNode json = Json.object();
        if (id != null) {
            json.put("id", id);
        }
        if (result.repeated()) {
            json.put("repeated", true);
        } else {
            json.put("taken", result.taken());
        }
        json.put("refused", all.size());
        ArrayNode list = json.putArray("refusals");
        all.entrySet().stream()
                .limit(TOLD_REFUSALS)
                .forEach(entry -> list.addObject()
                        .put("line", entry.getKey())
                        .put("code", entry.getValue().code())
                        .put("detail", entry.getValue().detail()));
        return json.toString();
    }
}
