package io.mooring.provisioning.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.mooring.provisioning.Caller;
import io.mooring.provisioning.OwnershipHandler;
import io.mooring.provisioning.RegistryHandler;
import io.mooring.provisioning.core.Device;
import io.mooring.provisioning.core.ExpectedDevice;
import io.mooring.provisioning.core.Outcome;
import io.mooring.provisioning.core.Owner;
import io.mooring.provisioning.db.DeviceStore;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What operators call: devices. */
@Path("/api/v1")
@RunOnVirtualThread
public class OperatorResource {
    private static final int DEFAULT_DELAY_SECONDS = 3600;

    private final OwnershipHandler handler;
    private final RegistryHandler registry;
    private final OperatorDoor door;

    OperatorResource(OwnershipHandler handler, RegistryHandler registry, OperatorDoor door) {
        this.handler = handler;
        this.registry = registry;
        this.door = door;
    }

    /** Devices by id, {@code limit} of them, after the id {@code after}; {@code next} is where to go on. */
    @GET
    @Path("devices")
    public Response listDevices(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            @QueryParam("after") @Nullable String after,
            @QueryParam("limit") @Nullable String limit) {
        return door.admit(
                "ListDevices",
                authorization,
                request,
                caller -> OperatorDoor.answer(
                        OperatorDoor.Page.of(after, limit),
                        page -> Answers.json(
                                200,
                                page.list(
                                        "devices",
                                        handler.list(caller, page.after(), page.size()),
                                        OperatorResource::device,
                                        device -> device.identity().id()))));
    }

    /** Devices that were claimed before they came, by id, in the same way. */
    @GET
    @Path("expected-devices")
    public Response listExpected(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            @QueryParam("after") @Nullable String after,
            @QueryParam("limit") @Nullable String limit) {
        return door.admit(
                "ListExpectedDevices",
                authorization,
                request,
                caller -> OperatorDoor.answer(
                        OperatorDoor.Page.of(after, limit),
                        page -> Answers.json(
                                200,
                                page.list(
                                        "devices",
                                        handler.listExpected(caller, page.after(), page.size()),
                                        OperatorResource::expected,
                                        ExpectedDevice::id))));
    }

    @GET
    @Path("devices/{id}")
    public Response getDevice(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            @PathParam("id") String id) {
        return onDevice(
                "GetDevice", authorization, request, id, caller -> handler.get(caller, id), OperatorResource::device);
    }

    /** Claims a device; {@code "ahead":true} for one that has neither registered nor an issued id. */
    @POST
    @Path("devices/{id}/claim")
    public Response claim(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            @PathParam("id") String id,
            byte[] body) {
        return onDevice(
                "ClaimDevice",
                authorization,
                request,
                id,
                caller -> JsonBody.object(body)
                        .then(asked -> JsonBody.flag(asked, "ahead")
                                .then(ahead -> handler.claim(
                                        caller,
                                        id,
                                        new OwnershipHandler.Claim(
                                                JsonBody.text(asked, "account"),
                                                JsonBody.text(asked, "cloud"),
                                                ahead.orElse(false),
                                                JsonBody.text(asked, "product"))))),
                OperatorResource::claimed);
    }

    /** Gives a device to another account, another cloud or both. */
    @POST
    @Path("devices/{id}/transfer")
    public Response transfer(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            @PathParam("id") String id,
            byte[] body) {
        return onDevice(
                "TransferDevice",
                authorization,
                request,
                id,
                caller -> JsonBody.object(body)
                        .then(asked -> handler.transfer(
                                caller, id, JsonBody.text(asked, "account"), JsonBody.text(asked, "cloud"))),
                OperatorResource::device);
    }

    @POST
    @Path("devices/{id}/release")
    public Response release(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            @PathParam("id") String id) {
        return onDevice(
                "ReleaseDevice",
                authorization,
                request,
                id,
                caller -> handler.release(caller, id),
                OperatorResource::claimed);
    }

    @DELETE
    @Path("devices/{id}")
    public Response delete(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            @PathParam("id") String id) {
        return onDevice(
                "DeleteDevice",
                authorization,
                request,
                id,
                caller -> handler.delete(caller, id),
                OperatorResource::device);
    }

    /** Says again who may connect, all of it. */
    @POST
    @Path("registry/restatement")
    public Response restate(
            @HeaderParam("Authorization") @Nullable String authorization, @Context HttpServerRequest request) {
        return door.admit("RestateRegistry", authorization, request, caller -> {
            RegistryHandler.Restated restated = registry.restate(caller);
            return Answers.json(
                    200, Answers.object().put("devices", restated.devices()).put("deleted", restated.deleted()));
        });
    }

    /** Keeps a device from connecting; {@code delaySeconds} is how long it is told to wait. */
    @POST
    @Path("devices/{id}/block")
    public Response block(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            @PathParam("id") String id,
            byte[] body) {
        return onDevice(
                "BlockDevice",
                authorization,
                request,
                id,
                caller -> JsonBody.object(body)
                        .then(asked -> handler.block(
                                caller,
                                id,
                                asked.has("delaySeconds")
                                        ? asked.path("delaySeconds").asInt(0)
                                        : DEFAULT_DELAY_SECONDS)),
                OperatorResource::device);
    }

    @POST
    @Path("devices/{id}/unblock")
    public Response unblock(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            @PathParam("id") String id) {
        return onDevice(
                "UnblockDevice",
                authorization,
                request,
                id,
                caller -> handler.unblock(caller, id),
                OperatorResource::device);
    }

    private <T> Response onDevice(
            String action,
            @Nullable String authorization,
            HttpServerRequest request,
            String id,
            Function<Caller, Outcome<T>> call,
            Function<T, ObjectNode> form) {
        return door.admit(action, authorization, request, caller -> {
            Outcome<T> outcome = id.indexOf('\0') >= 0
                    ? Outcome.refused("unknown_device", "no device with this id has registered")
                    : call.apply(caller);
            return OperatorDoor.answer(outcome, value -> Answers.json(200, form.apply(value)));
        });
    }

    private static ObjectNode claimed(OwnershipHandler.Claimed claimed) {
        return switch (claimed) {
            case OwnershipHandler.Claimed.Now(Device device) -> device(device);
            case OwnershipHandler.Claimed.Expected(ExpectedDevice device) -> expected(device);
        };
    }

    private static ObjectNode expected(ExpectedDevice device) {
        ObjectNode answer = Answers.object().put("id", device.id());
        device.product().ifPresent(product -> answer.put("product", product));
        return answer.put("state", "expected")
                .put("account", device.owner().account())
                .put("cloud", device.owner().cloud())
                .put("since", device.since().toString());
    }

    private static ObjectNode device(Device device) {
        ObjectNode answer = Answers.object()
                .put("id", device.identity().id())
                .put("product", device.identity().product())
                .put("state", DeviceStore.state(device));
        Optional<Owner> owner = device.ownerIfAny();
        owner.ifPresent(known -> answer.put("account", known.account()).put("cloud", known.cloud()));
        answer.put("name", device.identity().description().name())
                .put("description", device.identity().description().description())
                .put("model", device.identity().description().model());
        answer.putRawValue(
                "properties", new RawValue(device.identity().description().properties()));
        if (device instanceof Device.Owned owned) {
            ArrayNode certificates = answer.putArray("certificates");
            owned.certificates()
                    .forEach(certificate -> certificates
                            .addObject()
                            .put("serial", certificate.serial())
                            .put("fingerprint", certificate.fingerprint())
                            .put("expires", certificate.expires().toString()));
        }
        answer.put("secret", device.identity().secret().isPresent());
        if (device instanceof Device.Blocked blocked) {
            answer.put("delaySeconds", blocked.delaySeconds());
        }
        return answer.put("registered", device.identity().registered().toString())
                .put("since", device.since().toString());
    }
}
