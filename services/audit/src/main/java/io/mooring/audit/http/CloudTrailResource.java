package io.mooring.audit.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.audit.Signatures;
import io.mooring.audit.SigningKeys;
import io.mooring.audit.core.Json;
import io.mooring.audit.core.TrailLayout;
import io.mooring.audit.core.TrailPublicKey;
import io.mooring.audit.db.SearchStore;
import io.mooring.chassis.db.Database;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** What {@code aws cloudtrail} asks of CloudTrail: JSON 1.1, an operation in {@code X-Amz-Target} (CloudTrail API reference). */
@Path("/")
@Consumes(MediaType.WILDCARD)
@RunOnVirtualThread
public class CloudTrailResource {
    private static final String TARGET = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.";
    private static final String TYPE = "application/x-amz-json-1.1";
    private static final int MOST_EVENTS = 50;

    private final SignedDoor door;
    private final Database database;
    private final SigningKeys keys;
    private final TrailLayout layout;

    CloudTrailResource(SignedDoor door, Database database, SigningKeys keys, TrailLayout layout) {
        this.door = door;
        this.database = database;
        this.keys = keys;
        this.layout = layout;
    }

    @POST
    @Operation(hidden = true)
    public Response call(@Context HttpServerRequest request, byte[] body) throws IOException, SQLException {
        String target = String.valueOf(request.getHeader("X-Amz-Target"));
        String operation = target.startsWith(TARGET) ? target.substring(TARGET.length()) : "Unknown";
        Optional<Signatures.Signer.Refused> refused = door.admit(request, body, false, operation, Map.of(), true);
        if (refused.isPresent()) {
            return error(
                    switch (refused.get().reason()) {
                        case NOT_SIGNED -> "MissingAuthenticationTokenException";
                        case UNKNOWN_KEY -> "UnrecognizedClientException";
                        case EXPIRED_KEY -> "ExpiredTokenException";
                        case WRONG_SIGNATURE -> "InvalidSignatureException";
                        case NO_KEYS_HERE, FORBIDDEN -> "AccessDeniedException";
                    },
                    refused.get().detail());
        }
        JsonNode asked;
        try {
            asked = Json.read(body);
        } catch (IOException none) {
            return error("SerializationException", "the body is no JSON");
        }
        return switch (operation) {
            case "DescribeTrails" -> ok(describeTrails());
            case "ListPublicKeys" -> ok(listPublicKeys(asked));
            case "LookupEvents" -> lookupEvents(asked);
            default ->
                error(
                        "UnknownOperationException",
                        "this trail answers DescribeTrails, ListPublicKeys and LookupEvents");
        };
    }

    private ObjectNode describeTrails() {
        ObjectNode answer = Json.object();
        ObjectNode trail = answer.putArray("trailList")
                .addObject()
                .put("Name", layout.trail())
                .put("S3BucketName", layout.bucket())
                .put("TrailARN", layout.arn())
                .put("HomeRegion", layout.region())
                .put("IsMultiRegionTrail", false)
                .put("IncludeGlobalServiceEvents", true)
                .put("LogFileValidationEnabled", true)
                .put("IsOrganizationTrail", false);
        if (!layout.prefix().isEmpty()) {
            trail.put(
                    "S3KeyPrefix", layout.prefix().substring(0, layout.prefix().length() - 1));
        }
        return answer;
    }

    private ObjectNode listPublicKeys(JsonNode asked) throws SQLException {
        Instant from = time(asked, "StartTime", Instant.EPOCH);
        Instant to = time(asked, "EndTime", Instant.MAX);
        ObjectNode answer = Json.object();
        ArrayNode list = answer.putArray("PublicKeyList");
        for (TrailPublicKey key : keys.open()) {
            Instant until = key.until();
            if (key.from().isAfter(to) || until != null && until.isBefore(from)) {
                continue;
            }
            ObjectNode json = list.addObject()
                    .put("Value", key.value())
                    .put("Fingerprint", key.fingerprint())
                    .put("ValidityStartTime", key.from().getEpochSecond());
            json.put(
                    "ValidityEndTime",
                    (until == null ? key.from().plusSeconds(Integer.MAX_VALUE) : until).getEpochSecond());
        }
        return answer;
    }

    private Response lookupEvents(JsonNode asked) throws SQLException, IOException {
        LookupQuery query;
        try {
            query = LookupQuery.of(asked, MOST_EVENTS);
        } catch (LookupQuery.BadLookupException bad) {
            return error(bad.type(), String.valueOf(bad.getMessage()));
        }
        List<SearchStore.Found> found =
                database.read(connection -> SearchStore.find(connection, query.filter(), query.after(), query.most()));
        ObjectNode answer = Json.object();
        ArrayNode events = answer.putArray("Events");
        for (SearchStore.Found each : found) {
            JsonNode record = Json.read(each.record());
            ObjectNode event = events.addObject()
                    .put("EventId", record.path("eventID").asText())
                    .put("EventName", record.path("eventName").asText())
                    .put("ReadOnly", Boolean.toString(record.path("readOnly").asBoolean()))
                    .put("EventTime", each.cursor().at().getEpochSecond())
                    .put("EventSource", record.path("eventSource").asText())
                    .put("Username", record.at("/userIdentity/userName").asText(""))
                    .put("CloudTrailEvent", record.toString());
            event.putArray("Resources");
        }
        if (found.size() == query.most()) {
            answer.put("NextToken", found.getLast().cursor().text());
        }
        return ok(answer);
    }

    static Instant time(JsonNode asked, String name, Instant absent) {
        JsonNode value = asked.path(name);
        return value.isNumber() ? Instant.ofEpochMilli((long) (value.asDouble() * 1000)) : absent;
    }

    private static Response ok(ObjectNode answer) {
        return answer(200, answer, null);
    }

    private static Response error(String type, String message) {
        return answer(400, Json.object().put("__type", type).put("message", message), type);
    }

    private static Response answer(int status, ObjectNode answer, @Nullable String error) {
        Response.ResponseBuilder response = Response.status(status)
                .type(TYPE)
                .header("x-amzn-RequestId", UUID.randomUUID().toString())
                .entity(answer.toString());
        if (error != null) {
            response.header("x-amzn-ErrorType", error);
        }
        return response.build();
    }
}
