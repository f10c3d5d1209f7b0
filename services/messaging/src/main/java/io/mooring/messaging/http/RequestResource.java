package io.mooring.messaging.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.chassis.Json;
import io.mooring.messaging.core.Caller;
import io.mooring.messaging.core.Outcome;
import io.mooring.messaging.core.Right;
import io.mooring.messaging.core.request.DeviceRequest;
import io.mooring.messaging.core.request.Pending;
import io.mooring.messaging.db.RequestStore.Handler;
import io.mooring.messaging.request.RequestHandler;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Requests between devices and applications, over HTTP. */
@Path("/v1")
@Consumes(MediaType.WILDCARD)
@Tag(name = "requests", description = "What devices ask applications, and what applications ask devices.")
@RunOnVirtualThread
public class RequestResource {
    private static final int MOST = 100;
    static final int LONGEST_WAIT_SECONDS = 30;

    private final Door door;
    private final RequestHandler handler;

    RequestResource(Door door, RequestHandler handler) {
        this.door = door;
        this.handler = handler;
    }

    @PUT
    @Path("products/{product}/request-handlers/{name: .+}")
    @Operation(
            summary = "Answers what a product's devices ask by a name",
            description = "From now on the calling application is asked. Right: publish, with the whole product.")
    public Response declare(
            @Context HttpServerRequest request, @PathParam("product") String product, @PathParam("name") String name)
            throws SQLException {
        return door.admit(
                request,
                caller -> door.answer(
                        declaration(caller, product, name).then(this::declare),
                        declared -> Response.noContent().build()));
    }

    private Outcome<Handler> declare(Handler declaration) throws SQLException {
        return handler.declare(declaration)
                ? Outcome.done(declaration)
                : Outcome.refused("taken", "Another application answers that already.");
    }

    @DELETE
    @Path("products/{product}/request-handlers/{name: .+}")
    @Operation(summary = "Answers that no more")
    public Response withdraw(
            @Context HttpServerRequest request, @PathParam("product") String product, @PathParam("name") String name)
            throws SQLException {
        return door.admit(
                request,
                caller -> door.answer(
                        declaration(caller, product, name).then(declaration -> {
                            handler.withdraw(declaration);
                            return Outcome.done(declaration);
                        }),
                        withdrawn -> Response.noContent().build()));
    }

    @GET
    @Path("request-handlers")
    @Operation(summary = "What the calling application answers")
    public Response handlers(@Context HttpServerRequest request) throws SQLException {
        return door.admit(request, caller -> {
            ObjectNode body = Json.object();
            ArrayNode list = body.putArray("handlers");
            handler.handlers(caller.name())
                    .forEach(one ->
                            list.addObject().put("product", one.product()).put("name", one.name()));
            return json(body);
        });
    }

    private static Outcome<Handler> declaration(Caller caller, String product, String name) {
        String cloud = caller.cloud();
        if (!DeviceRequest.isName(name)) {
            return Outcome.refused("bad-request", "A request's name is 1 to 4 levels of A-Z a-z 0-9 _ . - each.");
        }
        if (cloud != null
                && caller.may(Right.PUBLISH, cloud)
                && (caller.reach().isEverything() || caller.reach().products().contains(product))) {
            return Outcome.done(new Handler(cloud, product, name, caller.name()));
        }
        return Outcome.refused(
                "not-allowed", "That takes an application with the right publish for all of the product.");
    }

    @GET
    @Path("requests")
    @Operation(
            summary = "What devices ask the calling application, and is not answered",
            description = "With wait=SECONDS (30 at most) the answer waits until there is something.")
    public Response waiting(
            @Context HttpServerRequest request,
            @QueryParam("limit") @Nullable String limit,
            @QueryParam("wait") @Nullable String wait)
            throws SQLException {
        return door.admit(
                request,
                caller -> door.answer(
                        Door.limit(limit, MOST, MOST)
                                .then(most -> seconds(wait, 0)
                                        .then(seconds -> Outcome.done(
                                                handler.waiting(caller.name(), most, Duration.ofSeconds(seconds))))),
                        RequestResource::listed));
    }

    private static Response listed(List<Pending> requests) {
        ObjectNode body = Json.object();
        ArrayNode list = body.putArray("requests");
        for (Pending pending : requests) {
            list.addObject()
                    .put("id", pending.id())
                    .put("device", pending.device())
                    .put("name", pending.name())
                    .put("body", pending.body())
                    .put("deadline", pending.deadline().toString());
        }
        return json(body);
    }

    @POST
    @Path("requests/{id}/answer")
    @Operation(summary = "Answers a device", description = "The body is what the device hears.")
    public Response answer(@Context HttpServerRequest request, @PathParam("id") String id, byte[] body)
            throws SQLException {
        return door.admit(
                request,
                caller -> door.answer(
                        text(handler, body)
                                .then(text -> handler.answer(id, caller.name(), text)
                                        ? Outcome.done(id)
                                        : Outcome.refused("finished", "Nobody waits for that answer any more.")),
                        answered -> Response.noContent().build()));
    }

    /** A body as text; refused with {@code too-large}. */
    static Outcome<String> text(RequestHandler handler, byte[] body) {
        Optional<String> text = handler.text(body);
        return text.isPresent()
                ? Outcome.done(text.get())
                : Outcome.refused("too-large", "The body is UTF-8 text of bounded length.");
    }

    /** A number of seconds of a query; refused with {@code bad-request}. */
    static Outcome<Integer> seconds(@Nullable String text, int absent) {
        if (text == null) {
            return Outcome.done(absent);
        }
        boolean good = text.matches("[0-9]{1,2}") && Integer.parseInt(text) <= LONGEST_WAIT_SECONDS;
        return good
                ? Outcome.done(Integer.parseInt(text))
                : Outcome.refused("bad-request", "Seconds are a number from 0 to " + LONGEST_WAIT_SECONDS + ".");
    }

    private static Response json(ObjectNode body) {
        return Response.ok(body.toString(), MediaType.APPLICATION_JSON).build();
    }
}
