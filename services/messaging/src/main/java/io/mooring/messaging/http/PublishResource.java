package io.mooring.messaging.http;

import io.mooring.contracts.mqtt.ApplicationTopics;
import io.mooring.messaging.FleetHandler;
import io.mooring.messaging.access.Signer;
import io.mooring.messaging.core.Outcome;
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
import java.time.Clock;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** An application publishes over HTTP, in the form of AWS IoT's data plane (API reference, "Publish"). */
@Path("/topics/{topic: .+}")
@RunOnVirtualThread
public class PublishResource {
    private final AwsDoor door;
    private final FleetHandler handler;
    private final Clock clock = Clock.systemUTC();

    PublishResource(AwsDoor door, FleetHandler handler) {
        this.door = door;
        this.handler = handler;
    }

    @POST
    @Consumes(MediaType.WILDCARD)
    @Operation(
            operationId = "Publish",
            summary = "Publishes to a device on an application topic; signed as AWS' clients do",
            description = "The topic is app/{device}/… as declared for the device's product. qos is 0 or 1; it goes on"
                    + " with 1. messageExpiry is in seconds. Nothing is retained.")
    public Response publish(
            @PathParam("topic") String topic,
            @QueryParam("qos") @Nullable String qos,
            @QueryParam("retain") @Nullable String retain,
            @QueryParam("contentType") @Nullable String contentType,
            @QueryParam("messageExpiry") @Nullable String messageExpiry,
            @Context HttpServerRequest request,
            byte[] body) {
        return door.answer(new AwsDoor.Asked("Publish", request, body), signer -> {
            if (!(signer instanceof Signer.Application application)) {
                throw new AwsRefusedException(AwsError.FORBIDDEN, "devices publish over MQTT");
            }
            check(qos, retain);
            ApplicationTopics.Data data = ApplicationTopics.parse(topic)
                    .orElseThrow(() -> new AwsRefusedException(
                            AwsError.INVALID_REQUEST, "publish on app/{device}/… and nowhere else"));
            Outcome<?> outcome = handler.publish(
                    application.caller(), data.device(), data.tail(), body, contentType, expires(messageExpiry));
            return switch (outcome) {
                case Outcome.Done<?> done ->
                    Response.ok("{\"message\":\"OK\"}", MediaType.APPLICATION_JSON)
                            .build();
                case Outcome.Refused<?> refused ->
                    throw new AwsRefusedException(
                            error(refused.refusal().code()), refused.refusal().detail());
            };
        });
    }

    private static void check(@Nullable String qos, @Nullable String retain) throws AwsRefusedException {
        if (qos != null && !qos.equals("0") && !qos.equals("1")) {
            throw new AwsRefusedException(AwsError.INVALID_REQUEST, "qos is 0 or 1");
        }
        if ("true".equals(retain)) {
            throw new AwsRefusedException(AwsError.INVALID_REQUEST, "nothing is retained that comes by this door");
        }
    }

    private @Nullable Instant expires(@Nullable String messageExpiry) throws AwsRefusedException {
        if (messageExpiry == null) {
            return null;
        }
        if (!messageExpiry.matches("[0-9]{1,9}")) {
            throw new AwsRefusedException(AwsError.INVALID_REQUEST, "messageExpiry is a number of seconds");
        }
        return clock.instant().plusSeconds(Long.parseLong(messageExpiry));
    }

    private static AwsError error(String code) {
        return switch (code) {
            case "unknown-device" -> AwsError.RESOURCE_NOT_FOUND;
            case "not-allowed", "undeclared-topic" -> AwsError.FORBIDDEN;
            case "too-large" -> AwsError.REQUEST_ENTITY_TOO_LARGE;
            case "unavailable" -> AwsError.SERVICE_UNAVAILABLE;
            default -> AwsError.INVALID_REQUEST;
        };
    }
}
