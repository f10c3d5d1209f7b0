package io.mooring.logs.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.chassis.Json;
import io.mooring.chassis.db.Database;
import io.mooring.logs.Followers;
import io.mooring.logs.LogsConfig;
import io.mooring.logs.core.Caller;
import io.mooring.logs.core.Cursor;
import io.mooring.logs.core.KeptLine;
import io.mooring.logs.core.Outcome;
import io.mooring.logs.core.Question;
import io.mooring.logs.db.LineSearch;
import io.mooring.logs.db.LineStore;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Lines, for operators and applications: those that there are, and new ones as they come. */
@Path("/v1/clouds/{cloud}/logs")
@Tag(name = "logs", description = "Lines of devices' logs.")
@RunOnVirtualThread
public class LogResource {
    private static final int PAGE = 100;
    private static final int MAX_PAGE = 1_000;

    /** So often something is said even if no line comes, so that a follower that is gone is noticed. */
    private static final long QUIET_MILLIS = 15_000;

    private static final String TOO_LONG = "57014";

    private final Database database;
    private final Followers followers;
    private final Door door;
    private final int seconds;

    LogResource(Database database, Followers followers, Door door, LogsConfig config) {
        this.database = database;
        this.followers = followers;
        this.door = door;
        this.seconds = (int) Math.max(1, config.limits().search().toSeconds());
    }

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Searches lines",
            description =
                    "Newest first, or order=oldest. Of a device, a product, a source; from and to a time (RFC 3339);"
                            + " of a level or graver; with a text in whatever case (several times: with all of them), of three"
                            + " characters or more. Pages: \"next\" of one is \"after\" of the next.")
    public Response search(
            @Context HttpServerRequest request,
            @PathParam("cloud") String cloud,
            @QueryParam("device") @Nullable String device,
            @QueryParam("product") @Nullable String product,
            @QueryParam("source") @Nullable String source,
            @QueryParam("from") @Nullable String from,
            @QueryParam("to") @Nullable String to,
            @QueryParam("level") @Nullable String level,
            @QueryParam("text") List<String> text,
            @QueryParam("order") @Nullable String order,
            @QueryParam("after") @Nullable String after,
            @QueryParam("limit") @Nullable String limit)
            throws SQLException {
        QueryReader.Words words = new QueryReader.Words(cloud, device, product, source, from, to, level, text);
        return door.admit(
                request,
                caller -> door.answer(
                        may(caller, cloud)
                                .then(allowed -> QueryReader.question(words, caller.reach())
                                        .then(question -> QueryReader.oldestFirst(order)
                                                .then(oldestFirst -> QueryReader.cursor(after)
                                                        .then(cursor -> QueryReader.limit(limit, PAGE, MAX_PAGE)
                                                                .then(most ->
                                                                        find(question, oldestFirst, cursor, most)))))),
                        json -> Response.ok(json).build()));
    }

    private static Outcome<Boolean> may(Caller caller, String cloud) {
        return caller.may(Caller.READ, cloud)
                ? Outcome.done(true)
                : Outcome.refused("not-allowed", "The caller may not read logs of this cloud.");
    }

    private Outcome<ObjectNode> find(Question question, boolean oldestFirst, Optional<Cursor> after, int most)
            throws SQLException {
        LineStore.Page found;
        try {
            found = database.transact(connection ->
                    LineSearch.find(connection, question, oldestFirst, after, most, Duration.ofSeconds(seconds)));
        } catch (SQLException failed) {
            if (TOO_LONG.equals(failed.getSQLState())) {
                return Outcome.refused(
                        "search-too-slow",
                        "The search took longer than " + seconds + " s; give a device, a time or a longer text.");
            }
            throw failed;
        }
        ObjectNode json = Json.object();
        ArrayNode lines = json.putArray("lines");
        found.lines().forEach(line -> lines.add(view(line)));
        if (!found.isAll()) {
            KeptLine last = found.lines().getLast();
            json.put("next", new Cursor(last.line().millis(), last.seq()).text());
        }
        return Outcome.done(json);
    }

    @GET
    @Path("tail")
    @Produces("text/event-stream")
    @Operation(
            summary = "Follows lines as they come (server-sent events)",
            description =
                    "As the search, without times. Events \"line\"; \"missed\" with a number if the caller does not keep up.")
    public Response tail(
            @Context HttpServerRequest request,
            @PathParam("cloud") String cloud,
            @QueryParam("device") @Nullable String device,
            @QueryParam("product") @Nullable String product,
            @QueryParam("source") @Nullable String source,
            @QueryParam("level") @Nullable String level,
            @QueryParam("text") List<String> text)
            throws SQLException {
        QueryReader.Words words = new QueryReader.Words(cloud, device, product, source, null, null, level, text);
        return door.admit(
                request,
                caller -> door.answer(
                        may(caller, cloud)
                                .then(allowed -> QueryReader.question(words, caller.reach())
                                        .then(question -> followers.follow(caller.name(), question))),
                        follower -> Response.ok((StreamingOutput) out -> run(follower, out))
                                .type("text/event-stream")
                                .header("Cache-Control", "no-store")
                                .build()));
    }

    private static void run(Followers.Follower follower, OutputStream out) throws IOException {
        try (follower) {
            write(out, ": following\n\n");
            while (true) {
                KeptLine line = follower.next(QUIET_MILLIS);
                long missed = follower.missed();
                if (missed > 0) {
                    write(out, "event: missed\ndata: " + missed + "\n\n");
                }
                write(
                        out,
                        line == null ? ":\n\n" : "id: " + line.seq() + "\nevent: line\ndata: " + view(line) + "\n\n");
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    static ObjectNode view(KeptLine line) {
        ObjectNode json = Json.object()
                .put("time", Instant.ofEpochMilli(line.line().millis()).toString())
                .put("device", line.device());
        if (!line.product().isEmpty()) {
            json.put("product", line.product());
        }
        json.put("level", line.line().level().label());
        if (!line.line().source().isEmpty()) {
            json.put("source", line.line().source());
        }
        json.put("text", line.line().text());
        if (line.line().fields() != null) {
            json.set("fields", Json.column(line.line().fields()));
        }
        return json.put("seq", line.seq());
    }
}
