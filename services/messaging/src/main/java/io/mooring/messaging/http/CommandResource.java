package io.mooring.messaging.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.chassis.Json;
import io.mooring.messaging.CommandHandler;
import io.mooring.messaging.CommandHandler.Standing;
import io.mooring.messaging.CommandHandler.Taken;
import io.mooring.messaging.Executions;
import io.mooring.messaging.MessagingConfig;
import io.mooring.messaging.core.Caller;
import io.mooring.messaging.core.Command;
import io.mooring.messaging.core.CommandReader;
import io.mooring.messaging.core.Outcome;
import io.mooring.messaging.db.ExecutionStore.Entry;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Commands: asked for, looked at, called off. */
@Path("/v1/commands")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
@Tag(name = "commands", description = "What is asked of devices, and what became of it.")
@RunOnVirtualThread
public class CommandResource {
    private static final int PAGE = 100;
    private static final int MAX_PAGE = 1_000;
    private static final int MAX_KEY = 200;
    private static final int LONGEST_WAIT_SECONDS = 60;

    private final CommandHandler handler;
    private final Door door;
    private final CommandReader.Limits limits;

    CommandResource(CommandHandler handler, Door door, MessagingConfig config) {
        this.handler = handler;
        this.door = door;
        this.limits = new CommandReader.Limits(
                config.limits().listedDevices(), config.limits().argumentBytes());
    }

    @POST
    @Operation(
            summary = "Commands devices",
            description = "Body: command, and exactly one of device, devices, product and query; optionally cloud,"
                    + " args (an object), description, at (a time), ratePerMinute, stop {failureShare, after},"
                    + " expiresSeconds, timeoutSeconds, waitSeconds. With the header Idempotency-Key the same request"
                    + " twice is one command. With waitSeconds the answer comes when the command is over, or after so"
                    + " many seconds as it stands then.")
    public Response take(
            @Context HttpServerRequest request, @HeaderParam("Idempotency-Key") @Nullable String key, String body)
            throws SQLException {
        return door.admit(request, caller -> switch (Door.json(body).then(json -> asked(caller, json, key, body))) {
            case Outcome.Refused<Asked>(var refusal) -> door.refused(refusal);
            case Outcome.Done<Asked>(Asked asked) -> answer(caller, asked);
        });
    }

    /** What was taken, and how long the caller waits for what becomes of it. */
    private record Asked(Taken taken, Duration patience, boolean oneDevice) {}

    private Outcome<Asked> asked(Caller caller, JsonNode json, @Nullable String key, String body) throws SQLException {
        if (key != null && (key.isBlank() || key.length() > MAX_KEY)) {
            return Outcome.refused("bad-request", "An Idempotency-Key has 1 to " + MAX_KEY + " characters.");
        }
        JsonNode wait = json.path("waitSeconds");
        if (!wait.isMissingNode()
                && !(wait.isInt() && wait.intValue() >= 0 && wait.intValue() <= LONGEST_WAIT_SECONDS)) {
            return Outcome.refused(
                    "bad-request", "\"waitSeconds\" must be a whole number from 0 to " + LONGEST_WAIT_SECONDS + ".");
        }
        String cloud = caller.cloud() == null ? "main" : caller.cloud();
        return CommandReader.read(json, cloud, limits, Instant.now())
                .then(wanted -> handler.take(caller, wanted, key, body))
                .then(taken -> Outcome.done(new Asked(taken, Duration.ofSeconds(wait.asInt(0)), json.has("device"))));
    }

    private Response answer(Caller caller, Asked asked) throws SQLException {
        String id = asked.taken().id();
        if (asked.patience().isPositive()) {
            handler.await(id, asked.patience());
        } else {
            handler.leave(id);
        }
        Outcome<ObjectNode> found = handler.standing(caller, id).then(standing -> {
            ObjectNode json = CommandHandler.view(standing);
            if (asked.oneDevice()) {
                handler.devices(caller, id, null, "", 1).then(entries -> {
                    entries.forEach(entry -> json.set("result", view(entry)));
                    return Outcome.done(entries);
                });
            }
            return Outcome.done(json);
        });
        return door.answer(
                found,
                json -> Response.status(asked.taken().repeated() ? 200 : 201)
                        .header("Location", "/v1/commands/" + id)
                        .entity(json)
                        .build());
    }

    @GET
    @Operation(
            summary = "Lists commands",
            description = "The newest first; an application sees its own. Pages: \"next\" of one is \"before\" of the"
                    + " next.")
    public Response list(
            @Context HttpServerRequest request,
            @QueryParam("before") @DefaultValue("") String before,
            @QueryParam("limit") @Nullable String limit)
            throws SQLException {
        return door.admit(
                request,
                caller -> door.answer(
                        Door.limit(limit, PAGE, MAX_PAGE).then(size -> {
                            List<Command> page = handler.page(caller, before, size);
                            ObjectNode json = Json.object();
                            ArrayNode list = json.putArray("commands");
                            page.forEach(command -> list.add(CommandHandler.view(command)));
                            if (page.size() == size) {
                                json.put("next", page.getLast().id());
                            }
                            return Outcome.done(json);
                        }),
                        json -> Response.ok(json).build()));
    }

    @GET
    @Path("{id}")
    @Operation(summary = "A command, and how many devices are in each state")
    public Response find(@Context HttpServerRequest request, @PathParam("id") String id) throws SQLException {
        return door.admit(
                request,
                caller -> door.answer(
                        handler.standing(caller, id),
                        (Standing standing) ->
                                Response.ok(CommandHandler.view(standing)).build()));
    }

    @GET
    @Path("{id}/devices")
    @Operation(
            summary = "What became of a command on its devices",
            description = "Pages: \"next\" of one is \"after\" of the next. With state: only those in that state.")
    public Response devices(
            @Context HttpServerRequest request,
            @PathParam("id") String id,
            @QueryParam("state") @Nullable String state,
            @QueryParam("after") @DefaultValue("") String after,
            @QueryParam("limit") @Nullable String limit)
            throws SQLException {
        return door.admit(
                request,
                caller -> door.answer(
                        Door.limit(limit, PAGE, MAX_PAGE)
                                .then(size -> handler.devices(caller, id, state, after, size)
                                        .then(entries -> Outcome.done(page(entries, size)))),
                        json -> Response.ok(json).build()));
    }

    private static ObjectNode page(List<Entry> entries, int size) {
        ObjectNode json = Json.object();
        ArrayNode list = json.putArray("devices");
        entries.forEach(entry -> list.add(view(entry)));
        if (entries.size() == size) {
            json.put("next", entries.getLast().key().device());
        }
        return json;
    }

    @GET
    @Path("{id}/devices/{device}")
    @Operation(summary = "What became of a command on a device")
    public Response device(
            @Context HttpServerRequest request, @PathParam("id") String id, @PathParam("device") String device)
            throws SQLException {
        return door.admit(
                request,
                caller -> door.answer(
                        handler.device(caller, id, device),
                        entry -> Response.ok(view(entry)).build()));
    }

    @POST
    @Path("{id}/abort")
    @Operation(
            summary = "Calls a command off",
            description = "Devices that have it go on; the others never get it. 409 if it is over for all.")
    public Response abort(@Context HttpServerRequest request, @PathParam("id") String id) throws SQLException {
        return door.admit(
                request,
                caller -> door.answer(
                        handler.abort(caller, id),
                        command ->
                                Response.accepted(CommandHandler.view(command)).build()));
    }

    private static ObjectNode view(Entry entry) {
        return Executions.event(entry).put("at", entry.changed().toString());
    }
}
