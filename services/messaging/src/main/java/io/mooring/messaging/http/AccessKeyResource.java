package io.mooring.messaging.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.chassis.Json;
import io.mooring.contracts.access.AccessKey;
import io.mooring.messaging.ApplicationHandler;
import io.mooring.messaging.Secrets;
import io.mooring.messaging.access.ApplicationKeys;
import io.mooring.messaging.core.Caller;
import io.mooring.messaging.core.Outcome;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.sql.SQLException;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Access keys of applications, for requests in AWS' form. */
@Path("/v1/access-keys")
@Consumes(MediaType.WILDCARD)
@Tag(name = "access keys", description = "Temporary keys, for clients that sign as AWS' do.")
@RunOnVirtualThread
public class AccessKeyResource {
    private static final int BEARER = "bearer ".length();

    private final Door door;
    private final ApplicationKeys keys;
    private final ApplicationHandler applications;

    AccessKeyResource(Door door, ApplicationKeys keys, ApplicationHandler applications) {
        this.door = door;
        this.keys = keys;
        this.applications = applications;
    }

    @POST
    @Operation(
            summary = "Gives the calling application an access key",
            description = "Temporary, and worth nothing once the token is. With form=process the answer is what AWS'"
                    + " clients expect of a credential_process.")
    public Response issue(@Context HttpServerRequest request, @QueryParam("form") @Nullable String form)
            throws SQLException {
        return door.admit(
                request,
                caller -> door.answer(
                        issue(caller, request.getHeader("Authorization")),
                        key -> Response.ok(
                                        ("process".equals(form) ? process(key) : plain(key)).toString(),
                                        MediaType.APPLICATION_JSON)
                                .header("Cache-Control", "no-store")
                                .build()));
    }

    private Outcome<AccessKey> issue(Caller caller, String authorization) throws SQLException {
        String cloud = caller.cloud();
        if (cloud == null) {
            return Outcome.refused("not-allowed", "Access keys are for applications.");
        }
        String token = authorization.substring(BEARER).strip();
        Optional<AccessKey> key = keys.issue(caller.name(), cloud, Secrets.sha256(token));
        if (key.isEmpty()) {
            return Outcome.refused("unavailable", "This cloud was given no master key of access keys.");
        }
        applications.keyGiven(caller, cloud, key.get());
        return Outcome.done(key.get());
    }

    /** As devices get theirs (device protocol, section 1.4). */
    private ObjectNode plain(AccessKey key) {
        return Json.object()
                .put("accessKeyId", key.id())
                .put("secretAccessKey", key.secret())
                .put("sessionToken", key.sessionToken())
                .put("expires", key.grant().expires().toString())
                .put("region", keys.region());
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
