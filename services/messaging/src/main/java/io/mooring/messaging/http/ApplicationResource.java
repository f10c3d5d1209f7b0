package io.mooring.messaging.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.chassis.Json;
import io.mooring.messaging.ApplicationHandler;
import io.mooring.messaging.PresenceHandler;
import io.mooring.messaging.core.Application;
import io.mooring.messaging.core.ApplicationReader;
import io.mooring.messaging.core.Outcome;
import io.mooring.messaging.core.Right;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Applications, for operators. */
@Path("/v1/applications")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
@Tag(name = "applications", description = "People's own programs, and what each may. For operators.")
@RunOnVirtualThread
public class ApplicationResource {
    private static final int PAGE = 100;
    private static final int MAX_PAGE = 1_000;
    private static final long LONGEST_OVERLAP_SECONDS = Duration.ofDays(90).toSeconds();

    private final ApplicationHandler handler;
    private final PresenceHandler presence;
    private final Door door;

    ApplicationResource(ApplicationHandler handler, PresenceHandler presence, Door door) {
        this.handler = handler;
        this.presence = presence;
        this.door = door;
    }

    @POST
    @Operation(
            summary = "Makes an application",
            description = "Body: name, rights, and optionally cloud, products, devices, certificates (SHA-256"
                    + " fingerprints). The answer holds its token, this once.")
    public Response create(@Context HttpServerRequest request, String body) throws SQLException {
        return door.admitOperator(request, caller -> switch (Door.json(body).then(ApplicationReader::read)) {
            case Outcome.Refused<ApplicationReader.Wanted>(var refusal) -> door.refused(refusal);
            case Outcome.Done<ApplicationReader.Wanted>(var wanted) ->
                Response.status(201)
                        .entity(issued(handler.create(caller, wanted)))
                        .build();
        });
    }

    @GET
    @Operation(summary = "Lists applications", description = "Pages: \"next\" of one is \"after\" of the next.")
    public Response list(
            @Context HttpServerRequest request,
            @QueryParam("after") @DefaultValue("") String after,
            @QueryParam("limit") @Nullable String limit)
            throws SQLException {
        return door.admitOperator(
                request,
                caller -> door.answer(
                        Door.limit(limit, PAGE, MAX_PAGE).then(size -> {
                            List<Application> page = handler.page(after, size);
                            ObjectNode json = Json.object();
                            ArrayNode list = json.putArray("applications");
                            page.forEach(application -> list.add(view(application)));
                            if (page.size() == size) {
                                json.put("next", page.getLast().id());
                            }
                            return Outcome.done(json);
                        }),
                        json -> Response.ok(json).build()));
    }

    @GET
    @Path("{id}")
    @Operation(summary = "An application")
    public Response find(@Context HttpServerRequest request, @PathParam("id") String id) throws SQLException {
        return door.admitOperator(
                request,
                caller -> door.answer(
                        handler.find(id), found -> Response.ok(view(found)).build()));
    }

    @POST
    @Path("{id}/rotation")
    @Operation(
            summary = "Gives an application a new token",
            description = "Body, optional: overlapSeconds, how long those before stay good.")
    public Response rotate(@Context HttpServerRequest request, @PathParam("id") String id, String body)
            throws SQLException {
        return door.admitOperator(
                request,
                caller -> door.answer(
                        overlap(body).then(overlap -> handler.rotate(caller, id, overlap)),
                        issued -> Response.ok(issued(issued)).build()));
    }

    private static Outcome<Duration> overlap(String body) {
        if (body.isBlank()) {
            return Outcome.done(Duration.ZERO);
        }
        return Door.json(body).then(json -> {
            long seconds = json.path("overlapSeconds").asLong(0);
            return seconds < 0 || seconds > LONGEST_OVERLAP_SECONDS
                    ? Outcome.refused(
                            "bad-request", "\"overlapSeconds\" is a number from 0 to " + LONGEST_OVERLAP_SECONDS + ".")
                    : Outcome.done(Duration.ofSeconds(seconds));
        });
    }

    @PUT
    @Path("{id}/certificates")
    @Operation(
            summary = "Gives an application other certificates",
            description =
                    "Body: certificates (SHA-256 fingerprints), instead of those before. To change one for another"
                            + " without a gap, put both, and then the new one. Connections by one that is left out end.")
    public Response certify(@Context HttpServerRequest request, @PathParam("id") String id, String body)
            throws SQLException {
        return door.admitOperator(
                request,
                caller -> door.answer(
                        Door.json(body)
                                .then(ApplicationReader::certificates)
                                .then(certificates -> handler.certify(caller, id, certificates)),
                        certified -> Response.ok(view(certified)).build()));
    }

    @POST
    @Path("{id}/revocation")
    @Operation(summary = "Shuts an application out, for ever")
    public Response revoke(@Context HttpServerRequest request, @PathParam("id") String id) throws SQLException {
        return door.admitOperator(
                request,
                caller -> door.answer(
                        handler.revoke(caller, id),
                        revoked -> Response.ok(view(revoked)).build()));
    }

    @POST
    @Path("restatement")
    @Operation(
            summary = "Says all applications, declared topics and devices' presence again",
            description = "For when Kafka has lost them: brokers go by its registry topics. Answers how many.")
    public Response restate(@Context HttpServerRequest request) throws SQLException {
        return door.admitOperator(request, caller -> {
            ApplicationHandler.Restated restated = handler.restate(caller);
            return Response.ok(Json.object()
                            .put("applications", restated.applications())
                            .put("products", restated.products())
                            .put("devices", presence.restate()))
                    .build();
        });
    }

    private static ObjectNode issued(ApplicationHandler.Issued issued) {
        return view(issued.application()).put("token", issued.token());
    }

    private static ObjectNode view(Application application) {
        ObjectNode json = Json.object()
                .put("id", application.id())
                .put("name", application.name())
                .put("cloud", application.cloud())
                .put("state", application.active() ? "active" : "revoked");
        application.rights().stream().map(Right::label).sorted().forEach(json.putArray("rights")::add);
        list(json, "products", application.reach().products());
        list(json, "devices", application.reach().devices());
        list(json, "certificates", application.certificates());
        return json.put("created", application.created().toString())
                .put("updated", application.updated().toString());
    }

    private static void list(ObjectNode json, String member, Set<String> texts) {
        texts.stream().sorted().forEach(json.putArray(member)::add);
    }
}
