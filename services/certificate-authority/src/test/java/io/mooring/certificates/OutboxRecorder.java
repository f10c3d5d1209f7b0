package io.mooring.certificates;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mooring.devstack.launcher.Devstack;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Sees what the service sends, as change data capture does: the inserts, in the order of commit. */
final class OutboxRecorder {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Devstack stack;

    private OutboxRecorder(Devstack stack) {
        this.stack = stack;
    }

    static OutboxRecorder start(Devstack stack) throws Exception {
        try (Connection connection = stack.connection("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute("""
                    create table public.sent (number bigint generated always as identity, topic text, key bytea,
                      payload bytea, type text, subject text, cloud text);
                    create function public.record_sent() returns trigger language plpgsql security definer as $$
                    begin
                      insert into public.sent (topic, key, payload, type, subject, cloud)
                      values (new.topic, new.key, new.payload, new.type, new.subject, new.cloud);
                      return null;
                    end $$;
                    create trigger record_sent after insert on outbox.certificates
                      for each row execute function public.record_sent();
                    """);
        }
        return new OutboxRecorder(stack);
    }

    /** The values of the records about something, of one type. */
    List<JsonNode> sent(String type, String field, String value) throws Exception {
        return sent(type).stream()
                .filter(node -> node.path(field).asText().equals(value))
                .toList();
    }

    /** The values of the records of one type. */
    List<JsonNode> sent(String type) throws Exception {
        List<JsonNode> found = new ArrayList<>();
        try (Connection connection = stack.connection("postgres");
                PreparedStatement statement =
                        connection.prepareStatement("select payload from public.sent where type = ? order by number")) {
            statement.setString(1, type);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    found.add(JSON.readTree(new String(rows.getBytes(1), StandardCharsets.UTF_8)));
                }
            }
        }
        return found;
    }
}
