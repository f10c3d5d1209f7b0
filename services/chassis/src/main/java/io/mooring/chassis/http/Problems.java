package io.mooring.chassis.http;

import jakarta.ws.rs.core.Response;

/** What is wrong with a request (RFC 9457). */
public final class Problems {
    /** The media type of problems (RFC 9457, section 3). */
    public static final String MEDIA_TYPE = "application/problem+json";

    /** A problem; {@code code} is for programs. */
    public record Problem(String type, String title, int status, String code, String detail) {}

    private Problems() {}

    public static Response of(int status, String code, String detail) {
        Response.Status known = Response.Status.fromStatusCode(status);
        String title = known == null ? "Error" : known.getReasonPhrase();
        return Response.status(status)
                .type(MEDIA_TYPE)
                .entity(new Problem("about:blank", title, status, code, detail))
                .build();
    }
}
