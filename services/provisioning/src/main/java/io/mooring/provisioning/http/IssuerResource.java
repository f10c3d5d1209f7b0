package io.mooring.provisioning.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.provisioning.core.Outcome;
import io.mooring.provisioning.core.Refusal;
import io.mooring.provisioning.keys.KeysConfig;
import io.mooring.provisioning.keys.KeysHandler;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.util.List;

/** What others need to trust this cloud's tokens (OpenID Connect Discovery 1.0, sections 3 and 4). Open to everybody. */
@Path("/.well-known")
@RunOnVirtualThread
public class IssuerResource {
    private final KeysHandler handler;
    private final KeysConfig.Algorithm algorithm;

    IssuerResource(KeysHandler handler, KeysConfig config) {
        this.handler = handler;
        this.algorithm = config.tokens().algorithm();
    }

    @GET
    @Path("openid-configuration")
    public Response configuration() {
        return answer(handler.issuer().then(issuer -> {
            ObjectNode document = Answers.object()
                    .put("issuer", issuer)
                    .put("jwks_uri", issuer + "/.well-known/jwks.json")
                    // Required, but there are no people to send anywhere.
                    .put("authorization_endpoint", "urn:mooring:none")
                    .put("token_endpoint", issuer + "/tok/device/getToken");
            List.of("id_token").forEach(document.putArray("response_types_supported")::add);
            List.of("public").forEach(document.putArray("subject_types_supported")::add);
            List.of(algorithm.name()).forEach(document.putArray("id_token_signing_alg_values_supported")::add);
            List.of("iss", "sub", "aud", "exp", "iat", "nbf", "jti", "cloud", "account")
                    .forEach(document.putArray("claims_supported")::add);
            return Outcome.done(document.toString());
        }));
    }

    @GET
    @Path("jwks.json")
    public Response keys() {
        return answer(handler.keySet());
    }

    private static Response answer(Outcome<String> document) {
        return switch (document) {
            case Outcome.Done<String>(String json) ->
                Response.ok(json, "application/json")
                        .header("Cache-Control", "public, max-age=300")
                        .build();
            case Outcome.Refused<String>(Refusal refusal) -> Answers.deviceError(refusal);
        };
    }
}
