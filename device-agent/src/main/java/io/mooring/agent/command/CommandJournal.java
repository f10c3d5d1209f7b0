package io.mooring.agent.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.mooring.agent.Rows;
import java.sql.SQLException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which commands were begun and ended, kept in the device's database, so that none is done twice whatever comes between.
 * A command is noted as begun before it is done; a row that is not noted is new.
 */
final class CommandJournal {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String RESULT = "CommandResult";
    /** As long as a command may come again: rows of it are in the cloud, and catch-up brings them. */
    private static final int KEPT_DAYS = 400;

    private final Rows rows;

    CommandJournal(Rows rows) {
        this.rows = rows;
    }

    /** Begun and not ended. */
    record Begun(String id, String name) {}

    /** The commands that are new, oldest first. */
    List<Command> fresh() throws SQLException {
        List<Command> fresh = new ArrayList<>();
        for (Map<String, @Nullable Object> row : rows.query("SELECT id, command, args, expires FROM command"
                + " WHERE id IS NOT NULL AND id NOT IN (SELECT id FROM _command) ORDER BY id")) {
            fresh.add(new Command(
                    String.valueOf(row.get("id")),
                    String.valueOf(row.get("command")),
                    json(row.get("args")),
                    time(row.get("expires"))));
        }
        return fresh;
    }

    /** Those that were begun before this process, and not ended. */
    List<Begun> begun() throws SQLException {
        return rows.query("SELECT id, name FROM _command WHERE ended IS NULL ORDER BY id").stream()
                .map(row -> new Begun(String.valueOf(row.get("id")), String.valueOf(row.get("name"))))
                .toList();
    }

    /**
     * Notes that a command is begun.
     *
     * @return whether it had not been
     */
    boolean begin(Command command, Instant now) throws SQLException {
        return rows.execute(
                        "INSERT OR IGNORE INTO _command (id, name, begun) VALUES (?, ?, ?)",
                        command.id(),
                        command.name(),
                        now.toString())
                == 1;
    }

    /** Notes that a command has ended, after its result was written. */
    void end(String id, Instant now) throws SQLException {
        rows.execute("UPDATE _command SET ended = ? WHERE id = ?", now.toString(), id);
    }

    /** Forgets what ended long ago. */
    void prune(Instant now) throws SQLException {
        rows.execute(
                "DELETE FROM _command WHERE ended < ? AND id NOT IN (SELECT id FROM command WHERE id IS NOT NULL)",
                now.minus(java.time.Duration.ofDays(KEPT_DAYS)).toString());
    }

    /** Whether a command's last word was said already. */
    boolean isAnswered(String id) throws SQLException {
        return !rows.query("SELECT id FROM command_result WHERE id = ? AND status <> 'running'", id)
                .isEmpty();
    }

    /** Whether there is still such a command. */
    boolean isWanted(String id) throws SQLException {
        return !rows.query("SELECT id FROM command WHERE id = ?", id).isEmpty();
    }

    /** Writes what becomes of a command; it goes up as any row. */
    void answer(String id, String status, @Nullable Double progress, String message, @Nullable Object output)
            throws SQLException {
        Map<String, @Nullable Object> result = new HashMap<>();
        result.put("id", id);
        result.put("status", status);
        result.put("time", Instant.now());
        if (progress != null) {
            result.put("progress", progress);
        }
        if (!message.isEmpty()) {
            result.put("message", message);
        }
        if (output != null) {
            result.put("output", output);
        }
        List<Map<String, @Nullable Object>> known = rows.query("SELECT sk FROM command_result WHERE id = ?", id);
        if (known.isEmpty()) {
            rows.put(RESULT, result);
        } else {
            rows.patch(RESULT, String.valueOf(known.getFirst().get("sk")), result);
        }
    }

    private static JsonNode json(@Nullable Object text) {
        if (text == null) {
            return MissingNode.getInstance();
        }
        try {
            return JSON.readTree(text.toString());
        } catch (JsonProcessingException plainText) {
            return JSON.getNodeFactory().textNode(text.toString());
        }
    }

    private static @Nullable Instant time(@Nullable Object text) {
        try {
            return text == null ? null : Instant.parse(text.toString());
        } catch (DateTimeParseException unreadable) {
            return null;
        }
    }
}
