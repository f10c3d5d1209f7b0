package io.mooring.sync.core;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mooring.contracts.trace.TraceContext;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the write-ahead log is told of traces: a transactional logical message of the prefix {@code traceparent}. Its text
 * is a trace context; by itself it holds for all that its transaction writes afterwards, which is what writers of SQL use.
 * This service, which takes many messages in one transaction, adds on a second line which rows are meant:
 * {@code {"cloud":C,"rows":[[model,owner,sk],…]}}.
 *
 * @param context the step that the rows follow from
 * @param cloud whose rows; null: all of the transaction
 * @param rows which
 */
public record TraceMessage(TraceContext context, @Nullable String cloud, Set<RowKey> rows) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Of some rows. */
    public static TraceMessage of(TraceContext context, String cloud, Collection<RowKey> rows) {
        return new TraceMessage(context, cloud, Set.copyOf(rows));
    }

    /** Reads one; empty if it is none. */
    public static Optional<TraceMessage> parse(String text) {
        int line = text.indexOf('\n');
        Optional<TraceContext> context = TraceContext.parse(line < 0 ? text : text.substring(0, line));
        if (line < 0 || context.isEmpty()) {
            return context.map(all -> new TraceMessage(all, null, Set.of()));
        }
        try {
            JsonNode which = JSON.readTree(text.substring(line + 1));
            Set<RowKey> rows = new HashSet<>();
            for (JsonNode row : which.path("rows")) {
                rows.add(new RowKey(
                        row.path(0).asText(), row.path(1).asText(), row.path(2).asText()));
            }
            return Optional.of(
                    new TraceMessage(context.get(), which.path("cloud").asText(), rows));
        } catch (JsonProcessingException notOurs) {
            return Optional.empty();
        }
    }

    /** As the log is told. */
    public String text() {
        if (cloud == null) {
            return context.toString();
        }
        StringBuilder text = new StringBuilder(context.toString()).append("\n{");
        JsonText.name(text, "cloud");
        JsonText.quote(text, cloud);
        JsonText.name(text, "rows").append('[');
        boolean first = true;
        for (RowKey row : rows) {
            text.append(first ? "[" : ",[");
            JsonText.quote(text, row.model());
            text.append(',');
            JsonText.quote(text, row.owner());
            text.append(',');
            JsonText.quote(text, row.sk());
            text.append(']');
            first = false;
        }
        return text.append("]}").toString();
    }

    /** Whether it is said of a row. */
    public boolean covers(String ofCloud, RowKey row) {
        return cloud == null || cloud.equals(ofCloud) && rows.contains(row);
    }
}
