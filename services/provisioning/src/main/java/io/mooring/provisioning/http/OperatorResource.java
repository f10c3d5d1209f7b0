package io.mooring.provisioning.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.mooring.provisioning.Caller;
import io.mooring.provisioning.ProvisioningHandler;
import io.mooring.provisioning.ProvisioningHandler.NewProduct;
import io.mooring.provisioning.core.Device;
import io.mooring.provisioning.core.Outcome;
import io.mooring.provisioning.core.Owner;
import io.mooring.provisioning.core.Product;
import io.mooring.provisioning.core.Refusal;
import io.mooring.provisioning.db.DeviceStore;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What operators call: products and devices. */
@Path("/api/v1")
@RunOnVirtualThread
public class OperatorResource {
    private static final int MAX_PAGE = 1000;
    private static final int DEFAULT_DELAY_SECONDS = 3600;

    private final ProvisioningHandler handler;
    private final Door door;

    OperatorResource(ProvisioningHandler handler, Door door) {
        this.handler = handler;
        this.door = door;
    }

    @POST
    @Path("products")
    public Response createProduct(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            byte[] body) {
        return asOperator("CreateProduct", authorization, request, caller -> {
            Outcome<NewProduct> made = JsonBody.object(body)
                    .then(asked -> handler.createProduct(
                            caller,
                            JsonBody.text(asked, "name").orElse(""),
                            JsonBody.text(asked, "account"),
                            JsonBody.text(asked, "cloud")));
            return answer(
                    made,
                    created -> Answers.json(201, product(created.product()).put("token", created.token())));
        });
    }

    @GET
    @Path("products")
    public Response listProducts(
            @HeaderParam("Authorization") @Nullable String authorization, @Context HttpServerRequest request) {
        return asOperator("ListProducts", authorization, request, caller -> {
            ObjectNode answer = Answers.object();
            ArrayNode list = answer.putArray("products");
            handler.listProducts(caller).forEach(product -> list.add(product(product)));
            return Answers.json(200, answer);
        });
    }

    /** Devices by id, {@code limit} of them, after the id {@code after}; {@code next} is where to go on. */
    @GET
    @Path("devices")
    public Response listDevices(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            @QueryParam("after") @Nullable String after,
            @QueryParam("limit") @Nullable String limit) {
        return asOperator("ListDevices", authorization, request, caller -> {
            boolean badLimit = limit != null && !limit.matches("[1-9][0-9]{0,3}");
            boolean badAfter = after != null && after.indexOf('\0') >= 0;
            if (badLimit || badAfter) {
                return Answers.problem(new Refusal("bad_query", "limit is a number of 1 to " + MAX_PAGE));
            }
            int size = limit == null ? MAX_PAGE : Math.min(MAX_PAGE, Integer.parseInt(limit));
            List<Device> devices = handler.listDevices(caller, after == null ? "" : after, size);
            ObjectNode answer = Answers.object();
            ArrayNode list = answer.putArray("devices");
            devices.forEach(device -> list.add(device(device)));
            if (devices.size() == size) {
                answer.put("next", devices.getLast().identity().id());
            }
            return Answers.json(200, answer);
        });
    }

    @GET
    @Path("devices/{id}")
    public Response getDevice(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            @PathParam("id") String id) {
        return onDevice("GetDevice", authorization, request, id, caller -> handler.getDevice(caller, id));
    }

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
                        .then(asked -> handler.claim(
                                caller, id, JsonBody.text(asked, "account"), JsonBody.text(asked, "cloud"))));
    }

    @POST
    @Path("devices/{id}/release")
    public Response release(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            @PathParam("id") String id) {
        return onDevice("ReleaseDevice", authorization, request, id, caller -> handler.release(caller, id));
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
                                        : DEFAULT_DELAY_SECONDS)));
    }

    @POST
    @Path("devices/{id}/unblock")
    public Response unblock(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            @PathParam("id") String id) {
        return onDevice("UnblockDevice", authorization, request, id, caller -> handler.unblock(caller, id));
    }

    private Response onDevice(
            String action,
            @Nullable String authorization,
            HttpServerRequest request,
            String id,
            Function<Caller, Outcome<Device>> call) {
        return asOperator(action, authorization, request, caller -> {
            Outcome<Device> outcome = id.indexOf('\0') >= 0
                    ? Outcome.refused("unknown_device", "no device with this id has registered")
                    : call.apply(caller);
            return answer(outcome, device -> Answers.json(200, device(device)));
        });
    }

    private Response asOperator(
            String action, @Nullable String authorization, HttpServerRequest request, Function<Caller, Response> call) {
        Caller caller = Door.caller(request);
        if (!door.mayTry(caller)) {
            return Answers.problem(Door.TOO_MANY);
        }
        Outcome<String> operator =
                handler.authenticateOperator(caller, action, authorization == null ? "" : authorization);
        return switch (operator) {
            case Outcome.Done<String>(String name) -> call.apply(caller.as("Operator", name));
            case Outcome.Refused<String>(Refusal refusal) -> {
                door.failed(caller);
                yield Answers.problem(refusal);
            }
        };
    }

    private static <T> Response answer(Outcome<T> outcome, Function<T, Response> form) {
        return switch (outcome) {
            case Outcome.Done<T>(T value) -> form.apply(value);
            case Outcome.Refused<T>(Refusal refusal) -> Answers.problem(refusal);
        };
    }

    private static ObjectNode product(Product product) {
        return Answers.object()
                .put("id", product.id())
                .put("name", product.name())
                .put("account", product.owner().account())
                .put("cloud", product.owner().cloud())
                .put("created", product.created().toString());
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
        if (device instanceof Device.Blocked blocked) {
            answer.put("delaySeconds", blocked.delaySeconds());
        }
        return answer.put("registered", device.identity().registered().toString())
                .put("since", device.since().toString());
    }
}
