package io.mooring.messaging.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.chassis.Json;
import io.mooring.messaging.FleetHandler;
import io.mooring.messaging.core.Outcome;
import io.mooring.messaging.core.Presence;
import io.mooring.messaging.db.DeviceStore.Device;
import io.mooring.messaging.db.FleetStore.Member;
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
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Devices: whose they are, whether they are connected, and messages to them. */
@Path("/v1/devices")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
@Tag(name = "devices", description = "Devices, whether they are connected, and messages to them.")
@RunOnVirtualThread
public class DeviceResource {
    private static final int PAGE = 100;
    private static final int MAX_PAGE = 1_000;

    private final FleetHandler handler;
    private final Door door;

    DeviceResource(FleetHandler handler, Door door) {
        this.handler = handler;
        this.door = door;
    }

    @GET
    @Operation(
            summary = "Lists devices",
            description = "With query: only those for which it holds, such as product = X and connected = true."
                    + " Pages: \"next\" of one is \"after\" of the next.")
    public Response list(
            @Context HttpServerRequest request,
            @QueryParam("cloud") @Nullable String cloud,
            @QueryParam("query") @Nullable String query,
            @QueryParam("after") @DefaultValue("") String after,
            @QueryParam("limit") @Nullable String limit)
            throws SQLException {
        return door.admit(
                request,
                caller -> door.answer(
                        Door.limit(limit, PAGE, MAX_PAGE)
                                .then(size -> handler.page(caller, cloud, query, after, size)
                                        .then(members -> Outcome.done(page(members, size)))),
                        json -> Response.ok(json).build()));
    }

    private static ObjectNode page(List<Member> members, int size) {
        ObjectNode json = Json.object();
        ArrayNode list = json.putArray("devices");
        members.forEach(member -> list.add(view(member)));
        if (members.size() == size) {
            json.put("next", members.getLast().device().id());
        }
        return json;
    }

    @GET
    @Path("{id}")
    @Operation(summary = "A device")
    public Response find(@Context HttpServerRequest request, @PathParam("id") String id) throws SQLException {
        return door.admit(
                request,
                caller -> door.answer(
                        handler.find(caller, id),
                        member -> Response.ok(view(member)).build()));
    }

    @POST
    @Path("{id}/messages/{topic:.+}")
    @Operation(
            summary = "Publishes to a device",
            description = "The body goes to the device as it is, on app/{id}/{topic}, which its product must have"
                    + " declared for that direction. 202 means that Kafka has it; an absent device gets it when it"
                    + " comes, unless expirySeconds have passed.")
    public Response publish(
            @Context HttpServerRequest request,
            @PathParam("id") String id,
            @PathParam("topic") String topic,
            @QueryParam("expirySeconds") @Nullable String expirySeconds,
            @HeaderParam("Content-Type") @Nullable String contentType,
            byte[] body)
            throws SQLException {
        return door.admit(request, caller -> {
            Outcome<Integer> expiry = Door.limit(expirySeconds, 0, 2_592_000);
            return door.answer(
                    expiry.then(seconds -> handler.publish(
                            caller,
                            id,
                            topic,
                            body,
                            contentType,
                            seconds == 0 ? null : Instant.now().plusSeconds(seconds))),
                    sent -> Response.accepted().build());
        });
    }

    private static ObjectNode view(Member member) {
        Device device = member.device();
        ObjectNode json = Json.object().put("id", device.id()).put("cloud", device.cloud());
        put(json, "account", device.account());
        put(json, "product", device.product());
        json.put("state", device.state());
        Presence presence = member.presence();
        json.put("connected", presence != null && presence.connected());
        if (presence != null) {
            json.put(
                    presence.connected() ? "connectedSince" : "disconnectedSince",
                    presence.since().toString());
            json.put("lastSeen", presence.lastSeen().toString());
            put(json, "node", presence.node());
            put(json, "address", presence.address());
            put(json, "protocol", presence.protocol());
        }
        return json;
    }

    private static void put(ObjectNode json, String member, @Nullable String text) {
        if (text != null && !text.isEmpty()) {
            json.put(member, text);
        }
    }
}
