package io.mooring.audit.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.audit.SigningKeys;
import io.mooring.audit.core.DigestHead;
import io.mooring.audit.core.Json;
import io.mooring.audit.core.TrailLayout;
import io.mooring.audit.core.TrailPublicKey;
import io.mooring.audit.db.ArchiveStore;
import io.mooring.audit.db.IncidentStore;
import io.mooring.audit.db.SourceStore;
import io.mooring.chassis.db.Database;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** How the trail itself stands: its keys, its heads, its sources. */
@Path("/v1/audit")
@Tag(name = "trail", description = "What the trail is verified with, and how it stands.")
@RunOnVirtualThread
public class TrailResource {
    private static final int PAGE = 1000;
    private static final int INCIDENTS = 100;

    private final Door door;
    private final Database database;
    private final SigningKeys keys;
    private final TrailLayout layout;

    TrailResource(Door door, Database database, SigningKeys keys, TrailLayout layout) {
        this.door = door;
        this.database = database;
        this.keys = keys;
        this.layout = layout;
    }

    @GET
    @Path("/keys")
    @Operation(summary = "All public keys that digests were ever signed with", description = "Keep a copy elsewhere.")
    public Response keys(@Context HttpServerRequest request) throws SQLException, IOException {
        return door.admit(request, "ListPublicKeys", Map.of(), operator -> {
            ObjectNode answer = Json.object();
            ArrayNode list = answer.putArray("keys");
            keys.open().stream().map(TrailPublicKey::toJson).forEach(list::add);
            return json(answer);
        });
    }

    @POST
    @Path("/keys")
    @Consumes(MediaType.WILDCARD)
    @Operation(
            summary = "Asks for a new signing key",
            description =
                    "A digest is signed with it at once, or as soon as the store takes one. From then on the key before"
                            + " signs no more: its private half is deleted, its public half is served for ever.")
    public Response rotate(@Context HttpServerRequest request) throws SQLException, IOException {
        return door.admitChange(request, "RotateSigningKey", Map.of(), operator -> {
            ObjectNode answer = Json.object();
            keys.rotate().ifPresent(fingerprint -> answer.put("replaces", fingerprint));
            return Response.accepted(answer.toString())
                    .type(MediaType.APPLICATION_JSON)
                    .build();
        });
    }

    @GET
    @Path("/heads")
    @Operation(
            summary = "Heads of the digests that this database knows of, the oldest first",
            description = "A page; where \"next\" is answered, ask again with it as \"after\".")
    public Response heads(@Context HttpServerRequest request, @QueryParam("after") @Nullable String after)
            throws SQLException, IOException {
        return door.admit(request, "ListDigests", Map.of(), operator -> {
            Instant start;
            try {
                start = after == null ? null : Instant.parse(after);
            } catch (DateTimeException none) {
                return door.refused(400, "bad-query", "\"after\" is what the page before said as \"next\".");
            }
            List<DigestHead> heads = database.read(connection -> ArchiveStore.heads(connection, start, PAGE));
            ObjectNode answer = Json.object();
            ArrayNode list = answer.putArray("heads");
            heads.stream().map(DigestHead::toJson).forEach(list::add);
            if (heads.size() == PAGE) {
                answer.put("next", heads.getLast().end().toString());
            }
            return json(answer);
        });
    }

    @GET
    @Path("/status")
    @Operation(
            summary = "How the trail stands",
            description =
                    "Its last digest, what waits for the next, the numbers that each source has used and left out,"
                            + " and what was found to be wrong with the trail itself.")
    public Response status(@Context HttpServerRequest request) throws SQLException, IOException {
        return door.admit(
                request,
                "GetTrailStatus",
                Map.of(),
                operator -> database.read(connection -> {
                    ObjectNode answer = Json.object().put("trail", layout.arn()).put("bucket", layout.bucket());
                    ArchiveStore.lastDigest(connection)
                            .ifPresent(
                                    last -> answer.set("lastDigest", last.head().toJson()));
                    answer.put("recordsWaiting", ArchiveStore.waiting(connection));
                    ArrayNode sources = answer.putArray("sources");
                    for (SourceStore.Count count : SourceStore.all(connection)) {
                        sources.addObject()
                                .put("source", count.source())
                                .put("epoch", count.epoch())
                                .put("highest", count.highest())
                                .put("missing", count.missing())
                                .put("repeated", count.repeated())
                                .put("first", count.firstAt().toString())
                                .put("last", count.lastAt().toString());
                    }
                    ArrayNode incidents = answer.putArray("incidents");
                    for (IncidentStore.Incident incident : IncidentStore.latest(connection, INCIDENTS)) {
                        incidents
                                .addObject()
                                .put("at", incident.at().toString())
                                .put("code", incident.code())
                                .put("detail", incident.detail());
                    }
                    return json(answer);
                }));
    }

    private static Response json(ObjectNode answer) {
        return Response.ok(answer.toString(), MediaType.APPLICATION_JSON).build();
    }
}
