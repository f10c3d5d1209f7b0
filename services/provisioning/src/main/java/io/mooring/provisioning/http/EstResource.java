package io.mooring.provisioning.http;

import io.mooring.provisioning.AuthorityCertificates;
import io.mooring.provisioning.Caller;
import io.mooring.provisioning.ProvisioningHandler;
import io.mooring.provisioning.ProvisioningHandler.Provisioning;
import io.mooring.provisioning.core.Outcome;
import io.mooring.provisioning.core.Refusal;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Enrolment over Secure Transport (RFC 7030 as amended by RFC 8951; device protocol, section 1.8). An optional path
 * segment before the operation names the device cloud.
 */
@Path("/.well-known/est")
@RunOnVirtualThread
public class EstResource {
    private static final Refusal NO_CREDENTIALS =
            new Refusal("unauthorized", "show the claim id and the device's token (HTTP Basic)");
    private static final int RETRY_SECONDS = 10;
    private static final int MAX_HEADER_LENGTH = 512;
    private static final String BASIC = "basic ";
    private static final String REQUEST_TYPE = "application/pkcs10";

    private final ProvisioningHandler handler;
    private final AuthorityCertificates authorities;
    private final Door door;

    EstResource(ProvisioningHandler handler, AuthorityCertificates authorities, Door door) {
        this.handler = handler;
        this.authorities = authorities;
        this.door = door;
    }

    /** What is asked for, and in which cloud if that is said. */
    private record Operation(Optional<String> cloud, String name) {
        static Operation of(String path) {
            int slash = path.indexOf('/');
            return slash < 0
                    ? new Operation(Optional.empty(), path)
                    : new Operation(Optional.of(path.substring(0, slash)), path.substring(slash + 1));
        }
    }

    /** Sections 4.1, the authorities' certificates, and 4.5, what a request should have. */
    @GET
    @Path("{path: .+}")
    public Response get(@PathParam("path") String path) {
        Operation operation = Operation.of(path);
        return switch (operation.name()) {
            case "cacerts" ->
                switch (authorities.of(operation.cloud())) {
                    case Outcome.Done<String>(String pem) -> encoded(EstCodec.CERTIFICATES, EstCodec.certificates(pem));
                    case Outcome.Refused<String>(Refusal refusal) -> Answers.estError(refusal);
                };
            case "csrattrs" -> encoded(EstCodec.ATTRIBUTES, EstCodec.attributes());
            default -> Answers.estError(new Refusal("no_such_operation", "there is no such operation"));
        };
    }

    /** Section 4.2: a first certificate, and one that follows it. */
    @POST
    @Path("{path: .+}")
    public Response post(
            @PathParam("path") String path,
            @HeaderParam("Authorization") @Nullable String authorization,
            @HeaderParam("Content-Type") @Nullable String type,
            @Context HttpServerRequest request,
            byte[] body) {
        Operation operation = Operation.of(path);
        Caller caller = Door.caller(request);
        return switch (operation.name()) {
            case "simpleenroll" -> {
                if (!door.mayTry(caller, "EnrolDevice") || !door.mayRegister(caller)) {
                    yield Answers.estError(Door.TOO_MANY);
                }
                yield answer(
                        caller,
                        credentials(authorization)
                                .then(shown -> request(type, body)
                                        .then(csr -> handler.enrol(
                                                caller, operation.cloud(), shown.id(), shown.password(), csr))));
            }
            case "simplereenroll" -> {
                if (!door.mayTry(caller, "ReenrolDevice")) {
                    yield Answers.estError(Door.TOO_MANY);
                }
                yield answer(
                        caller,
                        ClientCertificate.fingerprint(request, Instant.now())
                                .then(fingerprint -> request(type, body)
                                        .then(csr -> handler.reenrol(caller, operation.cloud(), fingerprint, csr))));
            }
            default -> Answers.estError(new Refusal("no_such_operation", "there is no such operation"));
        };
    }

    /** A claim id and a token. */
    private record Credentials(String id, String password) {
        /** Says whose they are and nothing of the token. */
        @Override
        public String toString() {
            return "Credentials[" + id + "]";
        }
    }

    private static Outcome<Credentials> credentials(@Nullable String authorization) {
        boolean basic = authorization != null
                && authorization.length() <= MAX_HEADER_LENGTH
                && authorization.toLowerCase(Locale.ROOT).startsWith(BASIC);
        if (authorization == null || !basic) {
            return new Outcome.Refused<>(NO_CREDENTIALS);
        }
        try {
            byte[] text = Base64.getDecoder()
                    .decode(authorization.substring(BASIC.length()).strip());
            String[] parts = new String(text, StandardCharsets.UTF_8).split(":", 2);
            return parts.length == 2
                    ? Outcome.done(new Credentials(parts[0], parts[1]))
                    : new Outcome.Refused<>(NO_CREDENTIALS);
        } catch (IllegalArgumentException notBase64) {
            return new Outcome.Refused<>(NO_CREDENTIALS);
        }
    }

    private static Outcome<String> request(@Nullable String type, byte[] body) {
        return type == null || type.toLowerCase(Locale.ROOT).startsWith(REQUEST_TYPE)
                ? EstCodec.request(body)
                : Outcome.refused("unsupported_type", "the body must be of the type " + REQUEST_TYPE);
    }

    private Response answer(Caller caller, Outcome<Provisioning> outcome) {
        return switch (outcome) {
            case Outcome.Done<Provisioning>(Provisioning.Ready ready) ->
                encoded(
                        EstCodec.CERTIFICATES,
                        EstCodec.certificates(ready.issued().certificate()));
            case Outcome.Done<Provisioning>(Provisioning.Wait(int delaySeconds)) ->
                Answers.estWait(delaySeconds, "this device is blocked");
            case Outcome.Done<Provisioning>(Provisioning.Unclaimed unclaimed) ->
                Answers.estWait(RETRY_SECONDS, "this device is registered and waits for somebody to claim it");
            case Outcome.Refused<Provisioning>(Refusal refusal) -> {
                door.failedBy(caller, refusal);
                yield Answers.estError(refusal);
            }
        };
    }

    /** The last line ends too: programs that read line by line lose it otherwise. */
    private static Response encoded(String type, String base64) {
        return Response.ok(base64 + "\r\n")
                .header("Content-Type", type)
                .header("Content-Transfer-Encoding", "base64")
                .build();
    }
}
