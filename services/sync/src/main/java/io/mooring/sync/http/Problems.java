package io.mooring.sync.http;

import io.mooring.contracts.schema.SchemaException;
import io.mooring.contracts.schema.SchemaProblem;
import io.mooring.sync.core.CloudSchema;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is wrong with a request (RFC 9457). */
final class Problems {
    /** The media type of problems (RFC 9457, section 3). */
    static final String MEDIA_TYPE = "application/problem+json";

    /** A problem; {@code code} is for programs, {@code problems} says where in a schema. */
    record Problem(
            String type,
            String title,
            int status,
            String code,
            String detail,
            @Nullable List<SchemaProblem> problems) {}

    private Problems() {}

    static Response of(int status, String code, String detail) {
        return response(new Problem("about:blank", title(status), status, code, detail, null));
    }

    static Response badCloudName() {
        return of(
                400,
                "bad-cloud-name",
                "A cloud's name is a lower-case letter and up to 40 letters, digits or underscores.");
    }

    static Response unknownCloud(String cloud) {
        return CloudSchema.isCloudName(cloud)
                ? of(404, "unknown-cloud", "There is no cloud of this name.")
                : badCloudName();
    }

    static Response badProduct() {
        return of(400, "bad-product", "A product's id is up to 64 letters, digits, and _ . - within.");
    }

    static Response unknownVersion() {
        return of(404, "unknown-version", "There is no schema of this version; ask for the versions there are.");
    }

    /** A schema that cannot be put in force, with every place that is wrong. */
    static Response schema(SchemaException e) {
        return response(new Problem(
                "about:blank",
                "Schema cannot be used",
                422,
                "unusable-schema",
                e.problems().size() == 1
                        ? e.problems().getFirst().toString()
                        : e.problems().size() + " places need a change.",
                e.problems()));
    }

    private static String title(int status) {
        Response.Status known = Response.Status.fromStatusCode(status);
        return known == null ? "Error" : known.getReasonPhrase();
    }

    private static Response response(Problem problem) {
        return Response.status(problem.status())
                .type(MEDIA_TYPE)
                .entity(problem)
                .build();
    }
}
