package io.mooring.messaging.kafka;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.chassis.Json;
import io.mooring.messaging.core.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads of Debezium's change events what concerns messaging; of the others not even the JSON. */
final class ChangeCodec {
    /** What stands for a large value that a change left as it was. */
    private static final String UNAVAILABLE = "__mooring_unavailable";

    private static final byte[] RESULT = "\"table\":\"command_result\"".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] COMMAND = "\"table\":\"command\"".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DEVICE = "\"table\":\"device\"".getBytes(StandardCharsets.US_ASCII);

    /** What a change means. */
    sealed interface Change {}

    /**
     * A device answered a command.
     *
     * @param complete whether the output is here; if not it must be looked up
     */
    record Answered(String cloud, String device, String command, Answer answer, boolean complete) implements Change {}

    /**
     * Somebody wrote a command's row by plain SQL, or messaging did.
     *
     * @param args JSON, or null
     * @param expires when the row is worth nothing any more, or null
     */
    record Written(
            String cloud,
            String device,
            @Nullable String account,
            String command,
            String name,
            @Nullable String args,
            @Nullable String description,
            @Nullable Instant expires)
            implements Change {}

    /** A device said whether it answers commands. */
    record Described(String device, boolean answers) implements Change {}

    private ChangeCodec() {}

    /** What a change means; empty if nothing to messaging. */
    static Optional<Change> read(byte @Nullable [] value) throws IOException {
        if (value == null || (!contains(value, RESULT) && !contains(value, DEVICE) && !contains(value, COMMAND))) {
            return Optional.empty();
        }
        JsonNode root = Json.read(value);
        JsonNode source = root.path("source");
        String schema = source.path("schema").asText("");
        JsonNode after = root.path("after");
        if (!schema.startsWith("cloud_") || !after.isObject()) {
            return Optional.empty();
        }
        return switch (source.path("table").asText("")) {
            case "command_result" -> answered(schema.substring("cloud_".length()), after);
            case "command" ->
                root.path("op").asText("").equals("c")
                        ? written(schema.substring("cloud_".length()), after)
                        : Optional.empty();
            case "device" -> described(after);
            default -> Optional.empty();
        };
    }

    private static Optional<Change> answered(String cloud, JsonNode after) throws IOException {
        Optional<Answer.Status> status = Answer.Status.of(after.path("status").asText(""));
        String device = after.path("device_id").asText("");
        String command = after.path("id").asText("");
        if (status.isEmpty() || device.isEmpty() || command.isEmpty()) {
            return Optional.empty();
        }
        String output = Json.text(after, "output");
        String message = Json.text(after, "message");
        JsonNode progress = after.path("progress");
        boolean complete = !UNAVAILABLE.equals(output) && !UNAVAILABLE.equals(message);
        Answer answer = new Answer(
                status.get(),
                progress.isNumber() ? progress.doubleValue() : null,
                complete ? output : null,
                UNAVAILABLE.equals(message) ? null : message);
        return Optional.of(new Answered(cloud, device, command, answer, complete));
    }

    private static Optional<Change> written(String cloud, JsonNode after) {
        String device = after.path("device_id").asText("");
        String command = after.path("id").asText("");
        if (device.isEmpty() || command.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Written(
                cloud,
                device,
                Json.text(after, "account_id"),
                command,
                after.path("command").asText(""),
                Json.text(after, "args"),
                Json.text(after, "description"),
                Json.time(after, "expires")));
    }

    /** Only what the device itself wrote counts: its row may be the cloud's, made of its presence. */
    private static Optional<Change> described(JsonNode after) {
        String device = after.path("device_id").asText("");
        JsonNode answers = after.path("answers_commands");
        if (device.isEmpty()) {
            return Optional.empty();
        }
        if (answers.isBoolean() && answers.booleanValue()) {
            return Optional.of(new Described(device, true));
        }
        boolean wroteItself = after.path("_clock").asText("").contains("-" + device + "\"");
        return wroteItself ? Optional.of(new Described(device, false)) : Optional.empty();
    }

    private static boolean contains(byte[] text, byte[] part) {
        int last = text.length - part.length;
        for (int i = 0; i <= last; i++) {
            int same = 0;
            while (same < part.length && text[i + same] == part[same]) {
                same++;
            }
            if (same == part.length) {
                return true;
            }
        }
        return false;
    }
}
