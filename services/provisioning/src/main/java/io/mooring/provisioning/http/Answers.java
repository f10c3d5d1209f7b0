package io.mooring.provisioning.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.provisioning.core.Refusal;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Answers, in the two forms this service speaks. */
final class Answers {
    private Answers() {}

    /** An empty object to fill. */
    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** JSON, its length known, as the devices' small clients need it. */
    static Response json(int status, ObjectNode body) {
        return Response.status(status)
                .type(MediaType.APPLICATION_JSON_TYPE)
                .entity(body.toString())
                .build();
    }

    /** An error as the device protocol has it. */
    static Response deviceError(Refusal refusal) {
        int status = status(refusal.code());
        Response.ResponseBuilder response =
                Response.fromResponse(json(status, object().put("error", refusal.detail())));
        return withHeaders(response, status, "Bearer").build();
    }

    /** The same with the cloud's time, for a device whose clock is off. */
    static Response deviceErrorWithTime(Refusal refusal, Instant now) {
        ObjectNode body = object().put("error", refusal.detail())
                .put("time", now.truncatedTo(ChronoUnit.MILLIS).toString());
        return json(status(refusal.code()), body);
    }

    /** An error as HTTP has it (RFC 9457), with a {@code code} for machines. */
    static Response problem(Refusal refusal) {
        return problem(status(refusal.code()), refusal);
    }

    static Response problem(int status, Refusal refusal) {
        ObjectNode body = object().put("type", "about:blank")
                .put("title", refusal.code().replace('_', ' '))
                .put("status", status)
                .put("detail", refusal.detail())
                .put("code", refusal.code());
        Response.ResponseBuilder response =
                Response.status(status).type("application/problem+json").entity(body.toString());
        return withHeaders(response, status, "Bearer, Basic realm=\"mooring\"").build();
    }

    /** An error as EST has it (RFC 7030, section 4.2.3): in words. */
    static Response estError(Refusal refusal) {
        int status = status(refusal.code());
        return withHeaders(plain(status, refusal.detail()), status, "Basic realm=\"mooring\"")
                .build();
    }

    /** EST's word for not yet (RFC 7030, section 4.2.3). */
    static Response estWait(int seconds, String why) {
        return plain(202, why).header("Retry-After", seconds).build();
    }

    private static Response.ResponseBuilder plain(int status, String text) {
        return Response.status(status).type(MediaType.TEXT_PLAIN_TYPE).entity(text + "\n");
    }

    private static Response.ResponseBuilder withHeaders(
            Response.ResponseBuilder response, int status, String challenge) {
        return switch (status) {
            case 401 -> response.header("WWW-Authenticate", challenge);
            case 429, 503 -> response.header("Retry-After", "1");
            default -> response;
        };
    }

    /** The status that says what a refusal's code says. */
    static int status(String code) {
        return switch (code) {
            case "malformed_json", "bad_text", "bad_id", "bad_query", "bad_value", "malformed_renewal" -> 400;
            case "unauthorized", "unknown_product", "product_token_expired" -> 401;
            case "not_secure",
                    "wrong_device",
                    "product_suspended",
                    "claim_id_not_issued",
                    "proof_needed",
                    "wrong_proof",
                    "stale_proof",
                    "other_secret",
                    "csr_needed",
                    "renewal_needed",
                    "wrong_renewal",
                    "grace_over",
                    "unknown_certificate",
                    "certificate_needed",
                    "not_yet_valid" -> 403;
            case "unknown_device", "no_such_product", "unknown_cloud", "other_cloud", "no_such_operation" -> 404;
            case "other_product", "claimed_by_another", "not_claimed", "released", "blocked" -> 409;
            case "too_large" -> 413;
            case "unsupported_type" -> 415;
            case "too_many_requests", "too_many_new_ids" -> 429;
            case "internal_error" -> 500;
            case "not_offered" -> 501;
            case "database_unavailable", "authority_unavailable", "authority_expired", "keys_unavailable", "too_slow" ->
                503;
            default -> 422;
        };
    }
}
