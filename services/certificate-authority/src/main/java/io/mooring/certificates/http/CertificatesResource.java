package io.mooring.certificates.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.mooring.certificates.CertificatesHandler;
import io.mooring.certificates.CertificatesHandler.Issued;
import io.mooring.certificates.core.Outcome;
import io.mooring.certificates.core.RevocationReason;
import io.mooring.certificates.core.RevokedCertificate;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Issues and revokes. Every call needs the bearer token of a known client. */
@Path("/v1")
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
public class CertificatesResource {
    private final CertificatesHandler handler;
    private final ClientCalls calls;

    CertificatesResource(CertificatesHandler handler, ClientCalls calls) {
        this.handler = handler;
        this.calls = calls;
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
        return calls.asClient("IssueDeviceCertificate", authorization, request, caller -> {
            Outcome<Issued> issued = calls.parse(body).then(asked -> {
                Optional<String> csr = ClientCalls.text(asked, "csr");
                if (asked.hasNonNull("csr") && csr.isEmpty()) {
                    return Outcome.refused("malformed_csr", "csr must be text");
                }
                return handler.issueDevice(
                        caller,
                        ClientCalls.text(asked, "cloud").orElse(""),
                        ClientCalls.text(asked, "device").orElse(""),
                        csr);
            });
            return ClientCalls.answer(issued, Certificate::of);
        });
    }

    @POST
    @Path("server-certificates")
    public Response issueServer(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            byte[] body) {
        return calls.asClient("IssueServerCertificate", authorization, request, caller -> {
            Outcome<Issued> issued = calls.parse(body).then(asked -> {
                List<String> names = new ArrayList<>();
                asked.path("names").forEach(name -> names.add(name.isTextual() ? name.textValue() : ""));
                return handler.issueServer(
                        caller, names, ClientCalls.text(asked, "csr").orElse(""));
            });
            return ClientCalls.answer(issued, Certificate::of);
        });
    }

    @POST
    @Path("certificates/{serial}/revocation")
    public Response revoke(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            @PathParam("serial") String serial,
            byte[] body) {
        return calls.asClient("RevokeCertificate", authorization, request, caller -> {
            Outcome<RevokedCertificate> revoked = calls.parse(body)
                    .then(asked -> RevocationReason.parse(
                                    ClientCalls.text(asked, "reason").orElse("unspecified"))
                            .map(Outcome::done)
                            .orElseGet(() -> Outcome.refused("bad_reason", "not a reason of RFC 5280, section 5.3.1")))
                    .then(reason -> handler.revoke(caller, serial, reason));
            return ClientCalls.answer(revoked, Revocation::of);
        });
    }
}
