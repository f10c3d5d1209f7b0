package io.mooring.messaging.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What devices say of commands, in the cloud's own tables; and which say anything. */
public final class AnswerStore {
    /** The parts of an answer that may be large. */
    public record Texts(@Nullable String output, @Nullable String message) {}

    private AnswerStore() {}

    /** Notes which devices answer commands, and which do not. */
    public static void describe(Connection connection, Map<String, Boolean> answering) throws SQLException {
        if (answering.isEmpty()) {
            return;
        }
        List<Map.Entry<String, Boolean>> entries =
                answering.entrySet().stream().sorted(Map.Entry.comparingByKey()).toList();
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO messaging.answering_device AS known (device, answers)
                SELECT device, answers::boolean FROM unnest(?::text[], ?::text[]) AS u(device, answers)
                ON CONFLICT (device) DO UPDATE SET answers = excluded.answers
                WHERE known.answers <> excluded.answers""")) {
            Sql.texts(connection, statement, 1, entries, Map.Entry::getKey);
            Sql.texts(
                    connection, statement, 2, entries, entry -> entry.getValue().toString());
            statement.executeUpdate();
        }
    }

    /** What a device answered, as its row has it. */
    public static Optional<Texts> texts(Connection connection, String cloud, String device, String command)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT output, message FROM "
                + Sql.table(cloud, "command_result") + " WHERE device_id = ? AND id = ?")) {
            statement.setString(1, device);
            statement.setString(2, command);
            try (ResultSet result = statement.executeQuery()) {
                return result.next()
                        ? Optional.of(new Texts(result.getString(1), result.getString(2)))
                        : Optional.empty();
            }
        }
    }
}
