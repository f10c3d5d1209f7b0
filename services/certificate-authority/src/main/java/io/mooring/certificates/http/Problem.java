package io.mooring.certificates.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.certificates.core.Refusal;
import jakarta.ws.rs.core.Response;

/** Errors as HTTP has them (RFC 9457), with a {@code code} for machines. */
final class Problem {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Problem() {}

    /** The answer to a refusal. */
    static Response of(Refusal refusal) {
        return of(status(refusal.code()), refusal);
    }

    static Response of(int status, Refusal refusal) {
        ObjectNode body = JSON.createObjectNode()
                .put("type", "about:blank")
                .put("title", refusal.code().replace('_', ' '))
                .put("status", status)
                .put("detail", refusal.detail())
                .put("code", refusal.code());
        Response.ResponseBuilder response =
                Response.status(status).type("application/problem+json").entity(body.toString());
        if (status == 401) {
            response.header("WWW-Authenticate", "Bearer");
        }
        if (status == 503) {
            response.header("Retry-After", "1");
        }
        return response.build();
    }

    private static int status(String code) {
        return switch (code) {
            case "unauthorized" -> 401;
            case "forbidden" -> 403;
            case "unknown_cloud", "unknown_certificate", "unknown_authority" -> 404;
            case "malformed_json" -> 400;
            case "too_large" -> 413;
            case "root_away", "foreign_authority_away", "too_many_authorities" -> 409;
            case "lint_failed" -> 500;
            case "authority_expired", "too_slow", "database_unavailable", "key_away", "token_away" -> 503;
            default -> 422;
        };
    }
}
