package io.mooring.provisioning;

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

/** Sees what the service sends, as change data capture does: the inserts, in their order. */
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
                    create table public.sent (number bigint generated always as identity, key bytea, payload bytea, type text);
                    create function public.record_sent() returns trigger language plpgsql security definer as $$
                    begin
                      insert into public.sent (key, payload, type) values (new.key, new.payload, new.type);
                      return null;
                    end $$;
                    create trigger record_sent after insert on outbox.provisioning
                      for each row execute function public.record_sent();
                    """);
        }
        return new OutboxRecorder(stack);
    }

    /** What was sent under a key, type by type, without the common start of the names. */
    List<String> types(String key) throws Exception {
        return query(
                "select type from public.sent where convert_from(key, 'UTF8') = ? order by number",
                key,
                rows -> rows.getString(1).substring("io.mooring.".length()));
    }

    /** The last word of the registry on a device. */
    JsonNode registry(String device) throws Exception {
        return query(
                        "select payload from public.sent where convert_from(key, 'UTF8') = ?"
                                + " and type = 'io.mooring.device.registry' order by number",
                        device,
                        OutboxRecorder::payload)
                .getLast();
    }

    /** Whether the last word of the registry on a device is that there is none. */
    boolean isForgotten(String device) throws Exception {
        List<Boolean> words = query(
                "select payload is null from public.sent where convert_from(key, 'UTF8') = ?"
                        + " and type = 'io.mooring.device.registry' order by number",
                device,
                row -> row.getBoolean(1));
        return !words.isEmpty() && words.getLast();
    }

    /** What the audit trail was told of refusals with this code. */
    List<JsonNode> refusals(String code) throws Exception {
        return query(
                "select payload from public.sent where type = 'io.mooring.audit'"
                        + " and convert_from(payload, 'UTF8')::json->>'errorCode' = ? order by number",
                code,
                OutboxRecorder::payload);
    }

    /** What the audit trail was told of calls for a device that were done. */
    List<JsonNode> calls(String device) throws Exception {
        return query(
                "select payload from public.sent where type = 'io.mooring.audit'"
                        + " and convert_from(payload, 'UTF8')::json #>> '{requestParameters,device}' = ? order by number",
                device,
                OutboxRecorder::payload);
    }

    /** The numbers of what the audit trail was told, as they came. */
    List<Long> auditNumbers() throws Exception {
        return query(
                "select payload from public.sent where type = ? order by number",
                "io.mooring.audit",
                row -> payload(row).at("/additionalEventData/sequence/number").longValue());
    }

    private interface Reader<T> {
        T read(ResultSet row) throws Exception;
    }

    private static JsonNode payload(ResultSet row) throws Exception {
        return JSON.readTree(new String(row.getBytes(1), StandardCharsets.UTF_8));
    }

    private <T> List<T> query(String sql, String parameter, Reader<T> reader) throws Exception {
        List<T> found = new ArrayList<>();
        try (Connection connection = stack.connection("postgres");
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, parameter);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    found.add(reader.read(rows));
                }
            }
        }
        return found;
    }
}
