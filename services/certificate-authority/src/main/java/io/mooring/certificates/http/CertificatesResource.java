package io.mooring.certificates.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mooring.certificates.CertificatesHandler;
import io.mooring.certificates.CertificatesHandler.Caller;
import io.mooring.certificates.CertificatesHandler.Issued;
import io.mooring.certificates.core.Outcome;
import io.mooring.certificates.core.Refusal;
import io.mooring.certificates.core.RevocationReason;
import io.mooring.certificates.core.RevokedCertificate;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Issues and revokes. Every call needs the bearer token of a known client. */
@Path("/v1")
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
public class CertificatesResource {
    private static final int MAX_BODY_BYTES = 32 * 1024;
    private static final String PEM = "application/x-pem-file";

    private final CertificatesHandler handler;
    private final ClientAuthenticator clients;
    private final ObjectMapper json;

    CertificatesResource(CertificatesHandler handler, ClientAuthenticator clients, ObjectMapper json) {
        this.handler = handler;
        this.clients = clients;
        this.json = json;
    }

    /** What is answered to whoever asked for a certificate. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Certificate(
            String certificate,
            String authority,
            @Nullable String key,
            String serial,
            String fingerprint,
            String notBefore,
            String expires) {
        static Certificate of(Issued issued) {
            return new Certificate(
                    issued.certificate(),
                    issued.authority(),
                    issued.key().orElse(null),
                    issued.facts().serial(),
                    issued.facts().fingerprint(),
                    issued.facts().validity().notBefore().toString(),
                    issued.facts().validity().notAfter().toString());
        }
    }

    /** What is answered to whoever revoked a certificate. */
    record Revocation(String serial, String state, String reason, String revoked) {
        static Revocation of(RevokedCertificate revoked) {
            return new Revocation(
                    revoked.serial(),
                    "revoked",
                    revoked.reason().text(),
                    revoked.revoked().toString());
        }
    }

    @POST
    @Path("device-certificates")
    public Response issueDevice(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            byte[] body) {
        return asClient("IssueDeviceCertificate", authorization, request, caller -> {
            Outcome<Issued> issued = parse(body).then(asked -> {
                Optional<String> csr = text(asked, "csr");
                if (asked.hasNonNull("csr") && csr.isEmpty()) {
                    return Outcome.refused("malformed_csr", "csr must be text");
                }
                return handler.issueDevice(
                        caller,
                        text(asked, "cloud").orElse(""),
                        text(asked, "device").orElse(""),
                        csr);
            });
            return answer(issued, Certificate::of);
        });
    }

    @POST
    @Path("server-certificates")
    public Response issueServer(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            byte[] body) {
        return asClient("IssueServerCertificate", authorization, request, caller -> {
            Outcome<Issued> issued = parse(body).then(asked -> {
                List<String> names = new ArrayList<>();
                asked.path("names").forEach(name -> names.add(name.isTextual() ? name.textValue() : ""));
                return handler.issueServer(caller, names, text(asked, "csr").orElse(""));
            });
            return answer(issued, Certificate::of);
        });
    }

    @POST
    @Path("certificates/{serial}/revocation")
    public Response revoke(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            @PathParam("serial") String serial,
            byte[] body) {
        return asClient("RevokeCertificate", authorization, request, caller -> {
            Outcome<RevokedCertificate> revoked = parse(body)
                    .then(asked -> RevocationReason.parse(text(asked, "reason").orElse("unspecified"))
                            .map(Outcome::done)
                            .orElseGet(() -> Outcome.refused("bad_reason", "not a reason of RFC 5280, section 5.3.1")))
                    .then(reason -> handler.revoke(caller, serial, reason));
            return answer(revoked, Revocation::of);
        });
    }

    @GET
    @Path("clouds/{cloud}/authority")
    @Produces({PEM, "application/problem+json"})
    public Response cloudAuthority(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            @PathParam("cloud") String cloud) {
        return asClient("GetAuthority", authorization, request, caller -> {
            Outcome<String> chain = handler.cloudAuthority(cloud);
            return switch (chain) {
                case Outcome.Done<String>(String pem) -> pem(pem);
                case Outcome.Refused<String>(Refusal refusal) -> Problem.of(refusal);
            };
        });
    }

    @GET
    @Path("trust-bundle")
    @Produces({PEM, "application/problem+json"})
    public Response trustBundle(
            @HeaderParam("Authorization") @Nullable String authorization, @Context HttpServerRequest request) {
        return asClient("GetTrustBundle", authorization, request, caller -> pem(handler.trustBundle()));
    }

    private Response asClient(
            String action, @Nullable String authorization, HttpServerRequest request, Function<Caller, Response> call) {
        String address =
                request.remoteAddress() == null ? "" : request.remoteAddress().hostAddress();
        Optional<String> client = clients.authenticate(authorization);
        if (client.isEmpty()) {
            Refusal refusal = new Refusal("unauthorized", "a bearer token of a known client is needed");
            handler.refused(action, new Caller("anonymous", address), refusal);
            return Problem.of(refusal);
        }
        return call.apply(new Caller(client.get(), address));
    }

    private Outcome<JsonNode> parse(byte[] body) {
        if (body.length > MAX_BODY_BYTES) {
            return Outcome.refused("too_large", "a body may have " + MAX_BODY_BYTES + " bytes");
        }
        try {
            JsonNode node = body.length == 0 ? json.createObjectNode() : json.readTree(body);
            return node != null && node.isObject()
                    ? Outcome.done(node)
                    : Outcome.refused("malformed_json", "the body must be a JSON object");
        } catch (IOException e) {
            return Outcome.refused("malformed_json", "the body is not JSON");
        }
    }

    private static Optional<String> text(JsonNode object, String name) {
        JsonNode value = object.path(name);
        return value.isTextual() ? Optional.of(value.textValue()) : Optional.empty();
    }

    private static Response pem(String text) {
        return Response.ok(text, PEM).build();
    }

    private static <T, R> Response answer(Outcome<T> outcome, Function<T, R> form) {
        return switch (outcome) {
            case Outcome.Done<T>(T value) -> Response.ok(form.apply(value)).build();
            case Outcome.Refused<T>(Refusal refusal) -> Problem.of(refusal);
        };
    }
}
