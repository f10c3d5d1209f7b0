package io.mooring.messaging.http;

import io.mooring.messaging.FleetHandler;
import io.mooring.messaging.core.Caller;
import io.mooring.messaging.core.Outcome;
import io.mooring.messaging.core.Right;
import io.mooring.messaging.core.request.DeviceRequest;
import io.mooring.messaging.db.DeviceStore.Device;
import io.mooring.messaging.request.RequestHandler;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.sql.SQLException;
import java.time.Duration;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** An application asks a device, over HTTP. */
@Path("/v1/devices/{device}/requests/{name: .+}")
@Consumes(MediaType.WILDCARD)
@Tag(name = "requests")
@RunOnVirtualThread
public class DeviceRequestResource {
    private final Door door;
    private final RequestHandler handler;
    private final FleetHandler fleet;

    DeviceRequestResource(Door door, RequestHandler handler, FleetHandler fleet) {
        this.door = door;
        this.handler = handler;
        this.fleet = fleet;
    }

    @POST
    @Operation(
            summary = "Asks a device, and waits for its answer",
            description = "The device hears the body on ioto/device/{id}/request/{name}/{request}, and answers on"
                    + " ioto/service/{id}/answer/{request}. timeout=SECONDS, 30 at most. Right: command.")
    public Response ask(
            @Context HttpServerRequest request,
            @PathParam("device") String device,
            @PathParam("name") String name,
            @QueryParam("timeout") @Nullable String timeout,
            byte[] body)
            throws SQLException {
        return door.admit(
                request,
                caller -> door.answer(
                        fleet.reached(caller, Right.COMMAND, device)
                                .then(found -> RequestResource.seconds(timeout, RequestResource.LONGEST_WAIT_SECONDS)
                                        .then(patience -> RequestResource.text(handler, body)
                                                .then(text -> ask(caller, found, name, text, patience)))),
                        answer -> Response.ok(answer, MediaType.TEXT_PLAIN_TYPE.withCharset("utf-8"))
                                .build()));
    }

    private Outcome<String> ask(Caller caller, Device device, String name, String text, int patience)
            throws SQLException {
        if (!DeviceRequest.isName(name)) {
            return Outcome.refused("bad-request", "A request's name is 1 to 4 levels of A-Z a-z 0-9 _ . - each.");
        }
        return switch (handler.askAndWait(device, caller.name(), name, text, Duration.ofSeconds(patience))) {
            case RequestHandler.Answer.Given given -> Outcome.done(given.body());
            case RequestHandler.Answer.TimedOut late ->
                Outcome.refused("device-silent", "The device did not answer within " + patience + " s.");
            case RequestHandler.Answer.TooMany many ->
                Outcome.refused(
                        "too-many-requests", many.most() + " requests of this device wait for an answer already.");
        };
    }
}
