package io.mooring.certificates.http;

import io.mooring.certificates.AuthorityHandler;
import io.mooring.certificates.CrlHandler;
import io.mooring.certificates.OcspHandler;
import io.mooring.certificates.core.Refusal;
import io.mooring.certificates.core.Validity;
import io.mooring.certificates.db.CrlStore.Crl;
import io.mooring.certificates.x509.Crypto;
import io.mooring.certificates.x509.OcspQuery;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.EntityTag;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.Optional;
import java.util.UUID;

/**
 * What certificates point to: lists of what is revoked, answers about single certificates, and
 * authorities' own certificates. For everybody, without a token: all of it is signed and public.
 */
@Path("/")
@RunOnVirtualThread
public class StatusResource {
    private static final String OCSP_RESPONSE = "application/ocsp-response";
    private static final String OCSP_PATH = "/ocsp/";
    /** Authorities' certificates never change. */
    private static final int CERTIFICATE_MAX_AGE_SECONDS = 24 * 3600;

    private final CrlHandler lists;
    private final OcspHandler responder;
    private final AuthorityHandler authorities;
    private final Clock clock;

    StatusResource(CrlHandler lists, OcspHandler responder, AuthorityHandler authorities, Clock clock) {
        this.lists = lists;
        this.responder = responder;
        this.authorities = authorities;
        this.clock = clock;
    }

    /** An authority's list of revoked certificates (RFC 5280, section 5; RFC 2585). */
    @GET
    @Path("crl/{authority}.crl")
    public Response list(@PathParam("authority") String authority, @Context Request request) {
        Optional<Crl> found = uuid(authority).flatMap(lists::find);
        if (found.isEmpty()) {
            return Problem.of(new Refusal("unknown_authority", "no authority has this id, or it has no list yet"));
        }
        Crl crl = found.get();
        EntityTag tag = new EntityTag(authority + "-" + crl.number());
        Date modified = Date.from(crl.thisUpdate());
        Response.ResponseBuilder unchanged = request.evaluatePreconditions(modified, tag);
        Response.ResponseBuilder response =
                unchanged != null ? unchanged : Response.ok(crl.der(), "application/pkix-crl");
        return response.tag(tag)
                .lastModified(modified)
                .expires(Date.from(crl.nextUpdate()))
                .header("Cache-Control", cached(lists.maxAge(crl)))
                .build();
    }

    /** An authority's own certificate (RFC 5280, section 4.2.2.1; RFC 2585). */
    @GET
    @Path("authorities/{authority}.cer")
    public Response certificate(@PathParam("authority") String authority) {
        return uuid(authority)
                .flatMap(authorities::certificate)
                .map(der -> Response.ok(der, "application/pkix-cert")
                        .header("Cache-Control", cached(Duration.ofSeconds(CERTIFICATE_MAX_AGE_SECONDS)))
                        .build())
                .orElseGet(() -> Problem.of(new Refusal("unknown_authority", "no authority has this id")));
    }

    /** A question about certificates (RFC 6960, appendix A.1). */
    @POST
    @Path("ocsp")
    public Response ask(byte[] body) {
        return Response.ok(responder.answer(body).der(), OCSP_RESPONSE)
                .header("Cache-Control", "no-store")
                .build();
    }

    /**
     * The same in the path, in base64 (RFC 6960, appendix A.1; RFC 5019, section 5), so that the answer can
     * be cached. Read from the raw request: base64 has slashes, also two in a row.
     */
    @GET
    @Path("ocsp/{question: .+}")
    public Response askInPath(@Context HttpServerRequest request) {
        OcspHandler.Answer answer = responder.answer(question(request.path()));
        Response.ResponseBuilder response = Response.ok(answer.der(), OCSP_RESPONSE);
        if (answer.fresh().isEmpty()) {
            return response.header("Cache-Control", "no-store").build();
        }
        Validity fresh = answer.fresh().get();
        Instant now = clock.instant();
        // RFC 5019, section 6.2.
        return response.tag(new EntityTag(Crypto.sha256Hex(answer.der())))
                .lastModified(Date.from(fresh.notBefore()))
                .expires(Date.from(fresh.notAfter()))
                .header("Cache-Control", cached(Duration.between(now, fresh.notAfter())))
                .build();
    }

    /** The bytes asked with; none if they cannot be read, which is no question. */
    private static byte[] question(String path) {
        int at = path.indexOf(OCSP_PATH);
        String encoded = at < 0 ? "" : path.substring(at + OCSP_PATH.length());
        // Four characters of base64 for three bytes, each at most escaped to three.
        if (encoded.length() > OcspQuery.MAX_BYTES * 4) {
            return new byte[0];
        }
        try {
            // A plus is itself here, and not a blank.
            String base64 = URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.US_ASCII);
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException notBase64) {
            return new byte[0];
        }
    }

    private static String cached(Duration age) {
        return "max-age=" + Math.max(0, age.toSeconds()) + ", public, no-transform, must-revalidate";
    }

    private static Optional<UUID> uuid(String text) {
        try {
            return Optional.of(UUID.fromString(text));
        } catch (IllegalArgumentException notAnId) {
            return Optional.empty();
        }
    }
}
