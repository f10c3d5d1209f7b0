package io.mooring.metrics;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.chassis.Json;
import io.mooring.metrics.core.Outcome;
import io.mooring.metrics.core.Point;
import io.mooring.metrics.core.PointReader;
import io.mooring.metrics.core.Refusal;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A body with points, read.
 *
 * @param id of the batch; null if it has none
 * @param points those that can be taken
 * @param places where each of them stands among all that were sent
 * @param refused by where they stand, why the others cannot be taken
 */
public record PointBody(@Nullable String id, List<Point> points, List<Integer> places, Map<Integer, Refusal> refused) {
    private static final int GZIP_FIRST = 0x1f;
    private static final int GZIP_SECOND = 0x8b;
    private static final int LONGEST_ID = 64;

    /** One value, of {@code metric/set}. */
    static Outcome<PointBody> one(byte[] body, PointReader reader) {
        return json(body)
                .then(reader::one)
                .then(point -> Outcome.done(new PointBody(null, List.of(point), List.of(0), Map.of())));
    }

    /**
     * A batch: {@code {"id", "points": [{…}, …]}}, gzip or not.
     *
     * @param inflated how many bytes it may have when it is inflated
     * @param most how many points
     */
    public static Outcome<PointBody> batch(byte[] body, PointReader reader, int inflated, int most) {
        return inflate(body, inflated).then(PointBody::json).then(json -> {
            JsonNode entries = json.path("points");
            String id = json.path("id").isMissingNode() ? null : json.path("id").asText("");
            if (!entries.isArray()) {
                return Outcome.refused(
                        "bad-batch", "a batch is {\"id\", \"points\": [{\"metric\", \"value\", \"time\"}]}");
            }
            if (id != null && (id.isBlank() || id.length() > LONGEST_ID)) {
                return Outcome.refused("bad-batch", "\"id\" is a text of 1 to " + LONGEST_ID + " characters");
            }
            return points(id, entries, reader, most);
        });
    }

    private static Outcome<PointBody> points(@Nullable String id, JsonNode entries, PointReader reader, int most) {
        List<Point> points = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        Map<Integer, Refusal> refused = new TreeMap<>();
        int place = 0;
        for (JsonNode entry : entries) {
            for (Outcome<Point> read : reader.entry(entry)) {
                switch (read) {
                    case Outcome.Done<Point>(Point point) -> {
                        points.add(point);
                        places.add(place);
                    }
                    case Outcome.Refused<Point>(Refusal refusal) -> refused.put(place, refusal);
                }
                place++;
                if (place > most) {
                    return Outcome.refused("too-many-points", "a batch has at most " + most + " points");
                }
            }
        }
        return Outcome.done(new PointBody(id, points, places, refused));
    }

    private static Outcome<JsonNode> json(byte[] body) {
        try {
            return Outcome.done(Json.read(body));
        } catch (JsonProcessingException malformed) {
            return Outcome.refused("malformed-json", "no JSON: " + malformed.getOriginalMessage());
        } catch (IOException malformed) {
            return Outcome.refused("malformed-json", "no JSON");
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
}
