package io.mooring.sync.db;

import io.mooring.contracts.trace.TraceContext;
import io.mooring.sync.core.TraceMessage;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;

/** Says in the write-ahead log which traces rows belong to. It is read there if and only if the transaction commits. */
public final class TraceStore {
    private static final String EMIT = "SELECT pg_logical_emit_message(true, ?, text) FROM unnest(?::text[]) AS text";

    private TraceStore() {}

    /** To be called before the rows are written. */
    public static void note(Connection connection, List<TraceMessage> messages) throws SQLException {
        if (messages.isEmpty()) {
            return;
        }
        try (PreparedStatement emit = connection.prepareStatement(EMIT)) {
            emit.setString(1, TraceContext.TRACE_PARENT);
            emit.setArray(
                    2,
                    connection.createArrayOf(
                            "text", messages.stream().map(TraceMessage::text).toArray()));
            emit.execute();
        }
    }
}
