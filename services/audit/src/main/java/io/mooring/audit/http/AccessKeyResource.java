package io.mooring.audit.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.audit.Signatures;
import io.mooring.audit.core.Json;
import io.mooring.audit.core.TrailLayout;
import io.mooring.contracts.access.AccessKey;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Access keys of operators, for AWS' own tools. */
@Path("/v1/access-keys")
@Consumes(MediaType.WILDCARD)
@Tag(name = "access keys", description = "Temporary keys, for clients that sign as AWS' do.")
@RunOnVirtualThread
public class AccessKeyResource {
    private final Door door;
    private final Signatures signatures;
    private final TrailLayout layout;
    private final Clock clock = Clock.systemUTC();

    AccessKeyResource(Door door, Signatures signatures, TrailLayout layout) {
        this.door = door;
        this.signatures = signatures;
        this.layout = layout;
    }

    @POST
    @Operation(
            summary = "Gives the calling operator an access key",
            description = "Temporary, and worth nothing once the token is. With form=process the answer is what AWS'"
                    + " clients expect of a credential_process.")
    public Response issue(@Context HttpServerRequest request, @QueryParam("form") @Nullable String form)
            throws SQLException, IOException {
        return door.admit(request, "IssueAccessKey", Map.of(), operator -> {
            Optional<AccessKey> key = signatures.issue(operator.name(), operator.tokenSha256(), clock.instant());
            return key.isEmpty()
                    ? door.refused(503, "unavailable", "This cloud was given no master key of access keys.")
                    : Response.ok(
                                    ("process".equals(form) ? process(key.get()) : plain(key.get())).toString(),
                                    MediaType.APPLICATION_JSON)
                            .header("Cache-Control", "no-store")
                            .build();
        });
    }

    private ObjectNode plain(AccessKey key) {
        return Json.object()
                .put("accessKeyId", key.id())
                .put("secretAccessKey", key.secret())
                .put("sessionToken", key.sessionToken())
                .put("expires", key.grant().expires().toString())
                .put("region", layout.region());
    }

    /** AWS SDKs and tools reference guide, "Process credential provider". */
    private static ObjectNode process(AccessKey key) {
        return Json.object()
                .put("Version", 1)
                .put("AccessKeyId", key.id())
                .put("SecretAccessKey", key.secret())
                .put("SessionToken", key.sessionToken())
                .put("Expiration", key.grant().expires().toString());
    }
}
