package io.mooring.messaging.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.contracts.mqtt.ShadowTopic;
import io.mooring.messaging.access.Signer;
import io.mooring.messaging.core.Right;
import io.mooring.messaging.core.shadow.ShadowDecision;
import io.mooring.messaging.db.Database;
import io.mooring.messaging.db.DeviceStore.Device;
import io.mooring.messaging.db.ShadowStore;
import io.mooring.messaging.shadow.ShadowHandler;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** Shadows over HTTP, in the form of AWS IoT's data plane (API reference, "AWS IoT data plane"). */
@Path("/")
@RunOnVirtualThread
public class ShadowResource {
    private static final byte[] NOTHING = {};
    private static final int MOST_NAMES = 100;

    private final AwsDoor door;
    private final ShadowHandler handler;
    private final Database database;
    private final Clock clock = Clock.systemUTC();

    ShadowResource(AwsDoor door, ShadowHandler handler, Database database) {
        this.door = door;
        this.handler = handler;
        this.database = database;
    }

    @GET
    @Path("things/{thing}/shadow")
    @Operation(operationId = "GetThingShadow", summary = "A device's shadow; signed as AWS' clients do")
    public Response get(
            @PathParam("thing") String thing,
            @QueryParam("name") @Nullable String name,
            @Context HttpServerRequest request) {
        return shadow(asked("GetThingShadow", request, NOTHING), ShadowTopic.Operation.GET, thing, name);
    }

    @POST
    @Path("things/{thing}/shadow")
    @Consumes(MediaType.WILDCARD)
    @Operation(operationId = "UpdateThingShadow", summary = "Changes a device's shadow; signed as AWS' clients do")
    public Response update(
            @PathParam("thing") String thing,
            @QueryParam("name") @Nullable String name,
            @Context HttpServerRequest request,
            byte[] body) {
        return shadow(asked("UpdateThingShadow", request, body), ShadowTopic.Operation.UPDATE, thing, name);
    }

    @DELETE
    @Path("things/{thing}/shadow")
    @Operation(operationId = "DeleteThingShadow", summary = "Deletes a device's shadow; signed as AWS' clients do")
    public Response delete(
            @PathParam("thing") String thing,
            @QueryParam("name") @Nullable String name,
            @Context HttpServerRequest request) {
        return shadow(asked("DeleteThingShadow", request, NOTHING), ShadowTopic.Operation.DELETE, thing, name);
    }

    private static AwsDoor.Asked asked(String action, HttpServerRequest request, byte[] body) {
        return new AwsDoor.Asked(action, request, body);
    }

    private Response shadow(AwsDoor.Asked asked, ShadowTopic.Operation operation, String thing, @Nullable String name) {
        Right right = operation == ShadowTopic.Operation.GET ? Right.READ : Right.WRITE;
        return door.ofThing(asked, right, thing, (signer, device) -> {
            if (name != null && !ShadowTopic.isName(name)) {
                throw new AwsRefusedException(
                        AwsError.INVALID_REQUEST, "a shadow's name is 1 to 64 of A-Z a-z 0-9 $ : _ -");
            }
            return answer(handler.ask(request(signer, device, operation, name, asked.body())));
        });
    }

    private static ShadowHandler.Asked request(
            Signer signer, Device device, ShadowTopic.Operation operation, @Nullable String name, byte[] body) {
        return new ShadowHandler.Asked(
                new ShadowStore.Key(device.cloud(), device.id(), name == null ? ShadowTopic.CLASSIC : name),
                device.account(),
                operation,
                body,
                Instant.now(),
                signer instanceof Signer.Application application
                        ? application.caller().name()
                        : null);
    }

    private static Response answer(ShadowDecision decision) throws AwsRefusedException {
        return switch (decision) {
            case ShadowDecision.Done done -> json(done.answer());
            case ShadowDecision.Refused refused ->
                throw new AwsRefusedException(
                        AwsError.of(refused.refusal().code()), refused.refusal().message());
        };
    }

    @GET
    @Path("api/things/shadow/ListNamedShadowsForThing/{thing}")
    @Operation(
            operationId = "ListNamedShadowsForThing",
            summary = "The names of a device's named shadows; signed as AWS' clients do")
    public Response names(
            @PathParam("thing") String thing,
            @QueryParam("pageSize") @Nullable String pageSize,
            @QueryParam("nextToken") @Nullable String nextToken,
            @Context HttpServerRequest request) {
        AwsDoor.Asked asked = asked("ListNamedShadowsForThing", request, NOTHING);
        return door.ofThing(asked, Right.READ, thing, (signer, device) -> {
            int size = pageSize(pageSize);
            String after = after(nextToken);
            List<String> names = database.read(
                    connection -> ShadowStore.names(connection, device.cloud(), device.id(), after, size + 1));
            ObjectNode body = JsonNodeFactory.instance.objectNode();
            names.stream().limit(size).forEach(body.putArray("results")::add);
            body.put("timestamp", clock.instant().getEpochSecond());
            if (names.size() > size) {
                body.put(
                        "nextToken",
                        Base64.getUrlEncoder()
                                .withoutPadding()
                                .encodeToString(names.get(size - 1).getBytes(StandardCharsets.UTF_8)));
            }
            return json(body);
        });
    }

    private static int pageSize(@Nullable String text) throws AwsRefusedException {
        try {
            int size = text == null ? MOST_NAMES : Integer.parseInt(text);
            if (size >= 1 && size <= MOST_NAMES) {
                return size;
            }
        } catch (NumberFormatException e) {
            // Refused below.
        }
        throw new AwsRefusedException(AwsError.INVALID_REQUEST, "pageSize is a number from 1 to " + MOST_NAMES);
    }

    private static String after(@Nullable String nextToken) throws AwsRefusedException {
        try {
            String name = nextToken == null
                    ? ShadowTopic.CLASSIC
                    : new String(Base64.getUrlDecoder().decode(nextToken), StandardCharsets.UTF_8);
            if (nextToken == null || ShadowTopic.isName(name)) {
                return name;
            }
        } catch (IllegalArgumentException e) {
            // Refused below.
        }
        throw new AwsRefusedException(AwsError.INVALID_REQUEST, "nextToken is none that was given out");
    }

    private static Response json(ObjectNode body) {
        return Response.ok(body.toString(), MediaType.APPLICATION_JSON).build();
    }
}
