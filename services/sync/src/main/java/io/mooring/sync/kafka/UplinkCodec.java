package io.mooring.sync.kafka;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.contracts.mqtt.DeviceTopics;
import io.mooring.sync.JsonCodec;
import io.mooring.sync.JsonCodec.UnusableValueException;
import io.mooring.sync.core.ChangeReader;
import io.mooring.sync.core.Refusal;
import io.mooring.sync.core.SentChange;
import io.mooring.sync.core.Value;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what devices send to {@code db/syncToDynamo} and {@code db/syncDown} (device protocol, section 3). */
public final class UplinkCodec {
    /** The most changes one message may have. */
    public static final int MAX_CHANGES = 1000;

    /** The largest message, in bytes. */
    public static final int MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

    private static final int MAX_KEY_LENGTH = 1024;
    private static final Pattern TIME = Pattern.compile("[0-9TZ:.+-]{1,40}");

    /** A message that cannot be read at all. */
    public static final class UnreadableException extends Exception {
        private final String code;

        UnreadableException(String code, String detail) {
            super(detail);
            this.code = code;
        }

        public String code() {
            return code;
        }
    }

    /**
     * A change, or why it cannot even be read.
     *
     * @param source the change as sent
     */
    public record Entry(
            @Nullable SentChange change, @Nullable Refusal refusal, JsonNode source) {
        /** The change as sent. */
        public String json() {
            return source.toString();
        }
    }

    /**
     * A message of changes.
     *
     * @param seq the number by which the device waits for its acknowledgement, as JSON
     * @param entries its changes in order, at most {@link #MAX_CHANGES}
     * @param leftOut the keys of those beyond; they are not taken, and not acknowledged
     */
    public record SyncUp(String seq, List<Entry> entries, List<String> leftOut) {
        /** Some of its changes; the last part says what was left out. */
        public SyncUp part(int from, int to) {
            return new SyncUp(seq, entries.subList(from, to), to == entries.size() ? leftOut : List.of());
        }

        /** The same, with all its changes refused. */
        public SyncUp refusing(String code, String detail) {
            return new SyncUp(
                    seq,
                    entries.stream()
                            .map(entry -> refused(key(entry.source()), code, detail, entry.source()))
                            .toList(),
                    leftOut);
        }
    }

    private UplinkCodec() {}

    /** Reads changes. */
    public static SyncUp syncUp(byte @Nullable [] payload) throws UnreadableException {
        JsonNode root = object(payload);
        JsonNode seq = root.path("seq");
        if (!seq.isIntegralNumber()) {
            throw new UnreadableException("no-seq", "the message has no whole number 'seq'");
        }
        JsonNode changes = root.path("changes");
        if (!changes.isArray()) {
            throw new UnreadableException("no-changes", "the message has no list 'changes'");
        }
        List<Entry> entries = new ArrayList<>();
        List<String> leftOut = new ArrayList<>();
        // Written out only where it matters: a change is no longer than its message.
        boolean small = payload != null && payload.length <= ChangeReader.MAX_ROW_SIZE;
        for (JsonNode change : changes) {
            if (entries.size() < MAX_CHANGES) {
                entries.add(entry(change, small ? 0 : change.toString().length()));
            } else {
                leftOut.add(key(change));
            }
        }
        return new SyncUp(seq.asText(), entries, leftOut);
    }

    /**
     * A request for what a device missed.
     *
     * @param since where it says it stands; empty text if that could be no place
     * @param request the number by which it knows the answer, if it gave one
     * @param rowBatches whether it says that it understands several rows in one message
     */
    public record SyncDown(String since, @Nullable Long request, boolean rowBatches) {
        /** Of a request that cannot be read. */
        public static final SyncDown UNREADABLE = new SyncDown("", null, false);
    }

    /** Reads a request for what a device missed. */
    public static SyncDown syncDown(byte @Nullable [] payload) throws UnreadableException {
        JsonNode root = object(payload);
        String since = root.path("timestamp").asText("");
        JsonNode request = root.path("request");
        boolean rowBatches = false;
        for (JsonNode form : root.path("accepts")) {
            rowBatches |= DeviceTopics.ROWS_FORM.equals(form.textValue());
        }
        return new SyncDown(
                TIME.matcher(since).matches() ? since : "",
                request.isIntegralNumber() && request.canConvertToLong() ? request.longValue() : null,
                rowBatches);
    }

    private static JsonNode object(byte @Nullable [] payload) throws UnreadableException {
        if (payload == null || payload.length > MAX_MESSAGE_BYTES) {
            throw new UnreadableException("bad-size", "a message has 1 to " + MAX_MESSAGE_BYTES + " bytes");
        }
        try {
            JsonNode root = JsonCodec.read(payload);
            if (root != null && root.isObject()) {
                return root;
            }
        } catch (IOException e) {
            throw new UnreadableException("not-json", "the message is no JSON: " + e.getMessage());
        }
        throw new UnreadableException("not-an-object", "the message is no JSON object");
    }

    private static String key(JsonNode change) {
        JsonNode key = change.path("key");
        return key.isTextual()
                ? key.textValue()
                : change.path("item").path("sk").asText("");
    }

    private static Entry entry(JsonNode change, int size) {
        String key = key(change);
        if (key.isEmpty() || key.length() > MAX_KEY_LENGTH) {
            return refused(key, "bad-key", "the change has no key, or one too long", change);
        }
        if (!change.path("item").isObject()) {
            return refused(key, "no-item", "the change has no item", change);
        }
        try {
            Map<String, @Nullable Value> item = new HashMap<>();
            for (Map.Entry<String, JsonNode> member : change.path("item").properties()) {
                item.put(member.getKey(), JsonCodec.value(member.getValue()));
            }
            JsonCodec.value(change.path("key"));
            JsonNode clock = change.path("clock");
            return new Entry(
                    new SentChange(
                            key,
                            change.path("cmd").asText(""),
                            item,
                            size,
                            clock.isTextual() ? clock.textValue() : null,
                            fields(change.path("fields"))),
                    null,
                    change);
        } catch (UnusableValueException e) {
            return refused(key, "unusable-value", "a value " + e.getMessage(), change);
        }
    }

    private static @Nullable Map<String, String> fields(JsonNode fields) {
        if (!fields.isObject()) {
            return null;
        }
        Map<String, String> clocks = new HashMap<>();
        fields.properties()
                .forEach(field -> clocks.put(field.getKey(), field.getValue().asText()));
        return clocks;
    }

    private static Entry refused(String key, String code, String detail, JsonNode change) {
        return new Entry(null, new Refusal(key, code, detail), change);
    }
}
