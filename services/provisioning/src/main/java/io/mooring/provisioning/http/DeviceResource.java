package io.mooring.provisioning.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.provisioning.Caller;
import io.mooring.provisioning.ProvisioningConfig;
import io.mooring.provisioning.ProvisioningHandler;
import io.mooring.provisioning.ProvisioningHandler.Provisioning;
import io.mooring.provisioning.ProvisioningHandler.Registered;
import io.mooring.provisioning.authority.CertificateAuthorityClient;
import io.mooring.provisioning.core.Device;
import io.mooring.provisioning.core.Outcome;
import io.mooring.provisioning.core.Owner;
import io.mooring.provisioning.core.Refusal;
import io.mooring.provisioning.secrets.Tokens;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What devices call (device protocol, section 1). */
@Path("/")
@RunOnVirtualThread
public class DeviceResource {
    /** After these a device proves itself once more, and needs our time for it. */
    private static final Set<String> NEED_TIME = Set.of("proof_needed", "stale_proof");

    private static final Refusal NO_TOKEN = new Refusal("unauthorized", "Authentication failed");

    private final ProvisioningHandler handler;
    private final ProvisioningConfig config;
    private final Door door;

    DeviceResource(ProvisioningHandler handler, ProvisioningConfig config, Door door) {
        this.handler = handler;
        this.config = config;
        this.door = door;
    }

    /** Section 1.1. */
    @POST
    @Path("device/register")
    public Response register(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            byte[] body) {
        Caller caller = Door.caller(request);
        if (!door.mayRegister(caller)) {
            return Answers.deviceError(Door.TOO_MANY);
        }
        return withToken(caller, "RegisterDevice", authorization, token -> {
            Outcome<Registered> registered = handler.register(caller, token, JsonBody.registration(body));
            return answer(caller, registered, this::registered);
        });
    }

    private Response registered(Registered registered) {
        ObjectNode answer = Answers.object().put("registered", true);
        if (registered.owner().isPresent()) {
            Owner owner = registered.owner().get();
            answer.put("api", config.publicUrl())
                    .put("token", registered.token())
                    .put("cloudType", "dedicated")
                    .put("cloudName", owner.cloud())
                    .put("cloudRegion", config.region());
        }
        return Answers.json(200, answer);
    }

    /** Section 1.2. */
    @POST
    @Path("tok/device/provision")
    public Response provision(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            byte[] body) {
        Caller caller = Door.caller(request);
        return withToken(caller, "ProvisionDevice", authorization, token -> {
            Outcome<Provisioning> provisioned = JsonBody.object(body).then(asked -> {
                String id = JsonBody.text(asked, "id").orElse("");
                return id.isEmpty()
                        ? Outcome.refused("bad_id", "id is missing")
                        : JsonBody.enrolment(asked, Tokens.hash(token))
                                .then(asking -> handler.provision(caller, id, asking));
            });
            return answer(caller, provisioned, this::provisioned);
        });
    }

    private Response provisioned(Provisioning provisioning) {
        return switch (provisioning) {
            // 200, since the agent reads the delay of nothing else.
            case Provisioning.Wait(int delaySeconds) ->
                Answers.json(
                        200, Answers.object().put("error", "Device is blocked").put("delay", delaySeconds));
            case Provisioning.Unclaimed unclaimed ->
                Answers.deviceError(new Refusal("not_claimed", "this device belongs to nobody"));
            case Provisioning.Ready(String device, Owner owner, CertificateAuthorityClient.Issued issued) -> {
                ObjectNode answer = Answers.object()
                        .put("accountId", owner.account())
                        .put("id", device)
                        .put("certificate", issued.certificate());
                issued.key().ifPresent(key -> answer.put("key", key));
                answer.put("endpoint", config.mqtt().host())
                        .put("port", config.mqtt().port())
                        .put("thing", device)
                        .put("authority", issued.authority())
                        .put("expires", issued.reference().expires().toString());
                yield Answers.json(200, answer);
            }
        };
    }

    /** Section 1.5; there are no updates yet. */
    @POST
    @Path("tok/provision/update")
    public Response update(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            byte[] body) {
        Caller caller = Door.caller(request);
        if (!door.mayTry(caller, "CheckUpdate")) {
            return Answers.deviceError(Door.TOO_MANY);
        }
        Outcome<ObjectNode> asked = JsonBody.object(body);
        Optional<String> id = asked instanceof Outcome.Done<ObjectNode>(ObjectNode object)
                ? JsonBody.text(object, "id")
                : Optional.empty();
        Outcome<Device> device = Door.bearer(authorization)
                .map(token -> handler.authenticateDevice(caller, "CheckUpdate", token, id))
                .orElseGet(() -> new Outcome.Refused<>(NO_TOKEN));
        Outcome<ObjectNode> known = device.then(any -> asked);
        return switch (known) {
            case Outcome.Done<ObjectNode> done -> Answers.json(200, Answers.object());
            // Section 1.3: these two, in plain text, make the agent register again.
            case Outcome.Refused<ObjectNode>(Refusal refusal)
            when refusal.code().equals("unauthorized") -> {
                door.failed(caller);
                yield text(401, "Authentication failed");
            }
            case Outcome.Refused<ObjectNode>(Refusal refusal)
            when refusal.code().equals("unknown_device") -> {
                door.failed(caller);
                yield text(404, "Cannot find device");
            }
            case Outcome.Refused<ObjectNode>(Refusal refusal) -> Answers.deviceError(refusal);
        };
    }

    private Response withToken(
            Caller caller, String action, @Nullable String authorization, Function<String, Response> call) {
        if (!door.mayTry(caller, action)) {
            return Answers.deviceError(Door.TOO_MANY);
        }
        Optional<String> token = Door.bearer(authorization);
        if (token.isEmpty()) {
            door.failed(caller);
            return Answers.deviceError(NO_TOKEN);
        }
        return call.apply(token.get());
    }

    private <T> Response answer(Caller caller, Outcome<T> outcome, Function<T, Response> form) {
        return switch (outcome) {
            case Outcome.Done<T>(T value) -> form.apply(value);
            case Outcome.Refused<T>(Refusal refusal) -> {
                door.failedBy(caller, refusal);
                yield NEED_TIME.contains(refusal.code())
                        ? Answers.deviceErrorWithTime(refusal, Instant.now())
                        : Answers.deviceError(refusal);
            }
        };
    }

    private static Response text(int status, String text) {
        return Response.status(status)
                .type(MediaType.TEXT_PLAIN_TYPE)
                .entity(text)
                .build();
    }
}
