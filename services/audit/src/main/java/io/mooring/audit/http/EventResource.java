package io.mooring.audit.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.audit.core.Json;
import io.mooring.audit.db.SearchStore;
import io.mooring.audit.db.SearchStore.Cursor;
import io.mooring.audit.db.SearchStore.Filter;
import io.mooring.audit.db.SearchStore.Found;
import io.mooring.chassis.db.Database;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Who did what: searched in pages, or handed out whole. */
@Path("/v1/audit/events")
@Tag(name = "events", description = "Who did what to what, from where, with which answer.")
@RunOnVirtualThread
public class EventResource {
    private static final int PAGE = 1000;
    private static final byte[] LINE_END = {'\n'};

    private final Door door;
    private final Database database;

    EventResource(Door door, Database database) {
        this.door = door;
        this.database = database;
    }

    @GET
    @Operation(
            summary = "Finds records, the newest first",
            description = "A page; where \"next\" is answered, there are more: ask again with it as \"after\".")
    public Response find(@Context HttpServerRequest request, @BeanParam EventQuery query)
            throws SQLException, IOException {
        return door.admit(request, "SearchEvents", query.asked(), operator -> {
            try {
                Filter filter = query.filter();
                Cursor cursor = query.cursor();
                int limit = query.limit();
                List<Found> found = database.read(connection -> SearchStore.find(connection, filter, cursor, limit));
                ObjectNode page = Json.object();
                ArrayNode events = page.putArray("events");
                for (Found each : found) {
                    events.add(Json.read(each.record()));
                }
                if (found.size() == limit) {
                    page.put("next", found.getLast().cursor().text());
                }
                return Response.ok(page.toString(), MediaType.APPLICATION_JSON).build();
            } catch (EventQuery.BadQueryException bad) {
                return door.refused(400, "bad-query", String.valueOf(bad.getMessage()));
            }
        });
    }

    @GET
    @Path("/export")
    @Operation(
            summary = "Hands out all records that are found, the newest first",
            description = "As JSON lines, or with form=csv as CSV (RFC 4180) of what is searched by.")
    public Response export(
            @Context HttpServerRequest request,
            @BeanParam EventQuery query,
            @jakarta.ws.rs.QueryParam("form") @Nullable String form)
            throws SQLException, IOException {
        return door.admit(request, "ExportEvents", query.asked(), operator -> {
            try {
                Filter filter = query.filter();
                boolean csv = "csv".equals(form);
                if (form != null && !csv && !form.equals("jsonl")) {
                    return door.refused(400, "bad-query", "\"form\" is jsonl or csv.");
                }
                StreamingOutput lines = out -> write(out, filter, csv);
                return Response.ok(lines, csv ? "text/csv; charset=utf-8" : "application/jsonl")
                        .header("Content-Disposition", "attachment; filename=\"audit." + (csv ? "csv" : "jsonl") + "\"")
                        .build();
            } catch (EventQuery.BadQueryException bad) {
                return door.refused(400, "bad-query", String.valueOf(bad.getMessage()));
            }
        });
    }

    private void write(OutputStream out, Filter filter, boolean csv) throws IOException {
        if (csv) {
            out.write((CsvLine.HEADING + "\r\n").getBytes(StandardCharsets.UTF_8));
        }
        Cursor cursor = null;
        List<Found> page;
        do {
            page = page(filter, cursor);
            for (Found found : page) {
                if (csv) {
                    JsonNode record = Json.read(found.record());
                    out.write((CsvLine.of(record) + "\r\n").getBytes(StandardCharsets.UTF_8));
                } else {
                    out.write(found.record());
                    out.write(LINE_END);
                }
                cursor = found.cursor();
            }
        } while (page.size() == PAGE);
    }

    private List<Found> page(Filter filter, @Nullable Cursor cursor) {
        try {
            return database.read(connection -> SearchStore.find(connection, filter, cursor, PAGE));
        } catch (SQLException away) {
            // Too late for a status: what was sent so far ends without an end, and the client sees that.
            throw new WebApplicationException(away);
        }
    }
}
