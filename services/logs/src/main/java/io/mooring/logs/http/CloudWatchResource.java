package io.mooring.logs.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.chassis.Json;
import io.mooring.logs.IngestHandler;
import io.mooring.logs.IngestHandler.Told;
import io.mooring.logs.LogsConfig;
import io.mooring.logs.access.AccessConfig;
import io.mooring.logs.access.Admission.Signer;
import io.mooring.logs.core.LineLimits;
import io.mooring.logs.core.LineReader;
import io.mooring.logs.core.Outcome;
import io.mooring.logs.core.PutLogEvents;
import io.mooring.logs.core.Refusal;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.regex.Pattern;
import org.eclipse.microprofile.openapi.annotations.Operation;

/**
 * What collectors of logs ask of CloudWatch Logs: JSON 1.1, an operation in {@code X-Amz-Target} (CloudWatch Logs API reference).
 * A device has a stream of its own, named by its id, and those below it, in any group; they are there without being made.
 */
@Path("/")
@Consumes(MediaType.WILDCARD)
@RunOnVirtualThread
public class CloudWatchResource {
    private static final String TARGET = "Logs_20140328.";
    private static final Pattern GROUP = Pattern.compile("[.\\-_/#A-Za-z0-9]{1,512}");
    private static final Pattern STREAM = Pattern.compile("[^:*\\x00]{1,512}");

    private final AwsDoor door;
    private final IngestHandler ingest;
    private final LogsConfig config;
    private final String region;
    private final Clock clock = Clock.systemUTC();

    CloudWatchResource(AwsDoor door, IngestHandler ingest, LogsConfig config, AccessConfig access) {
        this.door = door;
        this.ingest = ingest;
        this.config = config;
        this.region = access.region();
    }

    @POST
    @Operation(hidden = true)
    public Response call(@Context HttpServerRequest request, byte[] body) {
        String target = String.valueOf(request.getHeader("X-Amz-Target"));
        String operation = target.startsWith(TARGET) ? target.substring(TARGET.length()) : "Unknown";
        AwsDoor.Asked asked = new AwsDoor.Asked(operation, request, body);
        return door.answer(asked, (device, json) -> switch (operation) {
            case "CreateLogGroup" -> {
                group(json);
                yield Json.object();
            }
            case "CreateLogStream" -> {
                group(json);
                stream(asked, device, json.path("logStreamName"));
                yield Json.object();
            }
            case "DescribeLogGroups" -> groups(json);
            case "DescribeLogStreams" -> streams(asked, device, json);
            case "PutLogEvents" -> put(asked, device, json);
            default ->
                throw new AwsRefusedException(
                        AwsError.UNKNOWN_OPERATION,
                        "this cloud answers PutLogEvents, CreateLogGroup, CreateLogStream, DescribeLogGroups and"
                                + " DescribeLogStreams");
        });
    }

    private static String group(JsonNode asked) throws AwsRefusedException {
        String name = asked.path("logGroupName").asText("");
        if (!GROUP.matcher(name).matches()) {
            throw new AwsRefusedException(
                    AwsError.INVALID_PARAMETER, "logGroupName is 1 to 512 of letters, digits and . - _ / #");
        }
        return name;
    }

    /** A stream that is the device's own. */
    private String stream(AwsDoor.Asked asked, Signer.Device device, JsonNode node)
            throws AwsRefusedException, IOException {
        String name = node.asText("");
        if (!STREAM.matcher(name).matches()) {
            throw new AwsRefusedException(
                    AwsError.INVALID_PARAMETER, "logStreamName is 1 to 512 characters without : and *");
        }
        if (!name.equals(device.id()) && !name.startsWith(device.id() + "/")) {
            throw door.anothers(asked, device, name);
        }
        return name;
    }

    private ObjectNode put(AwsDoor.Asked asked, Signer.Device device, JsonNode json)
            throws AwsRefusedException, SQLException, IOException {
        String group = group(json);
        String stream = stream(asked, device, json.path("logStreamName"));
        String name = stream.length() > device.id().length() + 1
                ? stream.substring(device.id().length() + 1)
                : group;
        String source = name.substring(0, Math.min(name.length(), LineLimits.SOURCE));
        LineReader reader = new LineReader(clock.millis(), config.lineLimits());
        return switch (PutLogEvents.read(json.path("logEvents"), source, reader)) {
            case Outcome.Refused<PutLogEvents>(Refusal refusal) ->
                throw new AwsRefusedException(AwsError.INVALID_PARAMETER, refusal.detail());
            case Outcome.Done<PutLogEvents>(PutLogEvents events) -> {
                // A client that heard no answer sends the same once more.
                String id = "aws "
                        + WireRequest.sha256((group + "\n" + stream + "\n" + json.path("logEvents"))
                                .getBytes(StandardCharsets.UTF_8));
                IngestHandler.Result result = ingest.take(
                                "aws", List.of(new Told(device.cloud(), device.id(), id, events.lines(), null)))
                        .getFirst();
                yield answer(events, result.refused().size());
            }
        };
    }

    private static ObjectNode answer(PutLogEvents events, int expired) {
        // Nobody has to send it any more, but some collectors want to see one.
        ObjectNode answer = Json.object().put("nextSequenceToken", "1");
        if (events.tooOldEnd() != null || events.tooNewStart() != null || expired > 0) {
            ObjectNode rejected = answer.putObject("rejectedLogEventsInfo");
            if (events.tooOldEnd() != null) {
                rejected.put("tooOldLogEventEndIndex", events.tooOldEnd());
            }
            if (events.tooNewStart() != null) {
                rejected.put("tooNewLogEventStartIndex", events.tooNewStart());
            }
            if (expired > 0) {
                int old = events.tooOldEnd() == null ? 0 : events.tooOldEnd();
                rejected.put("expiredLogEventEndIndex", old + expired);
            }
        }
        return answer;
    }

    private ObjectNode groups(JsonNode asked) {
        String prefix = asked.path("logGroupNamePrefix").asText("");
        ObjectNode answer = Json.object();
        var list = answer.putArray("logGroups");
        if (GROUP.matcher(prefix).matches()) {
            list.addObject()
                    .put("logGroupName", prefix)
                    .put("creationTime", 0)
                    .put("metricFilterCount", 0)
                    .put("storedBytes", 0)
                    .put("arn", arn(prefix) + ":*");
        }
        return answer;
    }

    private ObjectNode streams(AwsDoor.Asked asked, Signer.Device device, JsonNode json)
            throws AwsRefusedException, IOException {
        String group = group(json);
        String prefix = json.path("logStreamNamePrefix").asText("");
        // What a prefix of another begins with is none of the device's business, and nothing is told of it.
        String name = prefix.isEmpty() || device.id().startsWith(prefix)
                ? device.id()
                : stream(asked, device, json.path("logStreamNamePrefix"));
        ObjectNode answer = Json.object();
        answer.putArray("logStreams")
                .addObject()
                .put("logStreamName", name)
                .put("creationTime", 0)
                .put("arn", arn(group) + ":log-stream:" + name)
                .put("uploadSequenceToken", "1")
                .put("storedBytes", 0);
        return answer;
    }

    private String arn(String group) {
        return "arn:aws:logs:" + region + ":000000000000:log-group:" + group;
    }
}
