package io.mooring.devstack.launcher.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A list from the API, as a table of some of its fields or as it came. */
final class JsonTable {
    private JsonTable() {}

    static void print(JsonNode reply, boolean json, List<String> fields) {
        if (json) {
            Output.json(reply);
            return;
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(fields.stream().map(field -> field.toUpperCase(Locale.ROOT)).toList());
        for (JsonNode item : items(reply)) {
            rows.add(fields.stream().map(field -> cell(item.path(field))).toList());
        }
        Output.table(rows).forEach(System.out::println);
    }

    private static String cell(JsonNode value) {
        return value.isContainerNode() ? value.toString() : value.asText("");
    }

    /** The list itself, or the one list in the object around it. */
    private static JsonNode items(JsonNode reply) {
        if (reply.isArray()) {
            return reply;
        }
        for (JsonNode member : reply) {
            if (member.isArray()) {
                return member;
            }
        }
        return reply;
    }
}
