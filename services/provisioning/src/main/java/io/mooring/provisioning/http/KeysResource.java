package io.mooring.provisioning.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.mooring.chassis.http.TokenBuckets;
import io.mooring.provisioning.Caller;
import io.mooring.provisioning.core.Device;
import io.mooring.provisioning.core.Outcome;
import io.mooring.provisioning.core.Refusal;
import io.mooring.provisioning.keys.Credentials;
import io.mooring.provisioning.keys.IssuedToken;
import io.mooring.provisioning.keys.KeysConfig;
import io.mooring.provisioning.keys.KeysHandler;
import io.mooring.provisioning.keys.SignedUrlRequest;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What devices call for access keys, and for what is signed with them, and for tokens (device protocol, sections 1.4 and 1.6). */
@Path("/")
@RunOnVirtualThread
public class KeysResource {
    private static final Refusal NO_TOKEN = new Refusal("unauthorized", "Authentication failed");

    private final KeysHandler handler;
    private final Door door;
    private final TokenBuckets limiter;

    KeysResource(KeysHandler handler, Door door, KeysConfig config) {
        this.handler = handler;
        this.door = door;
        this.limiter = new TokenBuckets(config.perSecond(), config.burst());
    }

    /** Section 1.4. */
    @POST
    @Path("tok/device/getCreds")
    public Response accessKeys(
            @HeaderParam("Authorization") @Nullable String authorization, @Context HttpServerRequest request) {
        Caller caller = Door.caller(request);
        return answer(
                caller,
                device(caller, "GetAccessKeys", authorization, Optional.empty(), handler::byAnyToken)
                        .then(device -> handler.issue(caller, device)),
                KeysResource::credentials);
    }

    private static Response credentials(Credentials credentials) {
        ObjectNode answer = Answers.object()
                .put("accessKeyId", credentials.keyId())
                .put("secretAccessKey", credentials.secret())
                .put("sessionToken", credentials.sessionToken())
                .put(
                        "expires",
                        credentials.expires().truncatedTo(ChronoUnit.MILLIS).toString())
                .put("region", credentials.region());
        return secret(answer);
    }

    private static Response secret(ObjectNode answer) {
        return Response.fromResponse(Answers.json(200, answer))
                .header("Cache-Control", "no-store")
                .build();
    }

    /** An extension: a token that says which device it is, for our HTTP API or for whoever trusts this issuer. */
    @POST
    @Path("tok/device/getToken")
    public Response token(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            byte[] body) {
        Caller caller = Door.caller(request);
        // Not by such a token: one that begets another would never end.
        Outcome<IssuedToken> token = device(caller, "GetToken", authorization, Optional.empty(), handler::byDeviceToken)
                .then(device -> JsonBody.object(body)
                        .then(asked -> handler.token(caller, device, JsonBody.text(asked, "audience"))));
        return answer(
                caller,
                token,
                issued -> secret(Answers.object()
                        .put("token", issued.token())
                        .put("tokenType", "Bearer")
                        .put(
                                "expires",
                                issued.expires().truncatedTo(ChronoUnit.MILLIS).toString())));
    }

    /** Section 1.6: the answer is a JSON text, not an object. */
    @POST
    @Path("tok/file/getSignedUrl")
    public Response signedUrl(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            byte[] body) {
        Caller caller = Door.caller(request);
        Outcome<URI> url = JsonBody.object(body).then(asked -> {
            String id = JsonBody.text(asked, "id").orElse("");
            return id.isEmpty()
                    ? Outcome.refused("bad_id", "id is missing")
                    : device(caller, "GetSignedUrl", authorization, Optional.of(id), handler::byAnyToken)
                            .then(device ->
                                    signedUrlRequest(asked).then(wanted -> handler.sign(caller, device, wanted)));
        });
        return answer(
                caller,
                url,
                signed -> Response.ok(TextNode.valueOf(signed.toString()).toString(), MediaType.APPLICATION_JSON)
                        .build());
    }

    private static Outcome<SignedUrlRequest> signedUrlRequest(ObjectNode asked) {
        JsonNode size = asked.path("size");
        return SignedUrlRequest.of(
                JsonBody.text(asked, "command").orElse(""),
                JsonBody.text(asked, "filename").orElse(""),
                JsonBody.text(asked, "mimeType"),
                size.isMissingNode() || size.isNull() ? Optional.empty() : Optional.of(size.asText()));
    }

    /** How a device says who it is. */
    @FunctionalInterface
    private interface Authentication {
        Outcome<Device.Provisioned> of(Caller caller, String action, String token, Optional<String> id);
    }

    /** The device that calls, not too often. */
    private Outcome<Device.Provisioned> device(
            Caller caller,
            String action,
            @Nullable String authorization,
            Optional<String> id,
            Authentication authentication) {
        if (!door.mayTry(caller, action)) {
            return new Outcome.Refused<>(Door.TOO_MANY);
        }
        return Door.bearer(authorization)
                .map(token -> authentication.of(caller, action, token, id))
                .orElseGet(() -> new Outcome.Refused<>(NO_TOKEN))
                .then(device -> limiter.take(device.identity().id(), System.nanoTime())
                        ? Outcome.done(device)
                        : new Outcome.Refused<>(Door.TOO_MANY));
    }

    private <T> Response answer(Caller caller, Outcome<T> outcome, Function<T, Response> form) {
        return switch (outcome) {
            case Outcome.Done<T>(T value) -> form.apply(value);
            case Outcome.Refused<T>(Refusal refusal) -> {
                if (refusal.code().equals("unauthorized")) {
                    door.failed(caller);
                }
                yield Answers.deviceError(refusal);
            }
        };
    }
}
