package io.mooring.metrics.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.metrics.IngestHandler;
import io.mooring.metrics.IngestHandler.Told;
import io.mooring.metrics.MetricsConfig;
import io.mooring.metrics.access.Admission.Signer;
import io.mooring.metrics.core.Outcome;
import io.mooring.metrics.core.Point;
import io.mooring.metrics.core.PointReader;
import io.mooring.metrics.core.PutMetricData;
import io.mooring.metrics.core.Refusal;
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
import java.time.Clock;
import java.util.List;
import java.util.regex.Pattern;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/**
 * What collectors of metrics ask of CloudWatch: {@code PutMetricData}, in all of its forms. A device has one namespace, the
 * same that a role at AWS would let it write to.
 */
@Path("/")
@Consumes(MediaType.WILDCARD)
@RunOnVirtualThread
public class CloudWatchResource {
    /** All tries of one call have the same (AWS SDKs and Tools Reference Guide, "Retry behavior"). */
    private static final String INVOCATION = "amz-sdk-invocation-id";

    private static final Pattern UUID = Pattern.compile("[0-9a-fA-F-]{36}");

    private final AwsDoor door;
    private final IngestHandler ingest;
    private final MetricsConfig config;
    private final Clock clock = Clock.systemUTC();

    CloudWatchResource(AwsDoor door, IngestHandler ingest, MetricsConfig config) {
        this.door = door;
        this.ingest = ingest;
        this.config = config;
    }

    @POST
    @Operation(hidden = true)
    public Response call(@Context HttpServerRequest request, byte[] body) {
        AwsDoor.Asked asked = new AwsDoor.Asked(AwsForm.of(request), request, body);
        return door.answer(asked, (device, json) -> put(asked, device, json));
    }

    @POST
    @Path("service/{service}/operation/{operation}")
    @Operation(hidden = true)
    public Response rpc(@Context HttpServerRequest request, byte[] body) {
        return call(request, body);
    }

    private void put(AwsDoor.Asked asked, Signer.Device device, JsonNode json)
            throws AwsRefusedException, SQLException, IOException {
        String own = "Mooring/" + device.cloud() + "/" + device.id();
        String namespace = json.path("Namespace").asText("");
        if (namespace.isEmpty()) {
            throw new AwsRefusedException(AwsError.MISSING_PARAMETER, "The parameter Namespace is required.");
        }
        if (!namespace.equals(own)) {
            throw door.anothers(asked, device, namespace, "the key is for the namespace " + own);
        }
        PointReader reader = new PointReader(device.id(), clock.millis(), config.pointLimits());
        switch (PutMetricData.read(json, reader)) {
            case Outcome.Refused<List<Point>>(Refusal refusal) ->
                throw new AwsRefusedException(AwsError.of(refusal.code()), refusal.detail());
            case Outcome.Done<List<Point>>(List<Point> points) ->
                take(new Told(device.cloud(), device.id(), invocation(asked.request()), points, null));
        }
    }

    private void take(Told told) throws SQLException, AwsRefusedException {
        IngestHandler.Result result = ingest.take(List.of(told)).getFirst();
        if (!result.refused().isEmpty()) {
            Refusal first = result.refused().values().iterator().next();
            throw new AwsRefusedException(
                    AwsError.LIMIT_EXCEEDED,
                    result.refused().size() + " of " + told.points().size() + " were refused, the others are taken: "
                            + first.detail());
        }
    }

    /** By which a call that is tried again is known: without it nobody can tell it from another with the same values. */
    private static @Nullable String invocation(HttpServerRequest request) {
        String id = request.getHeader(INVOCATION);
        return id != null && UUID.matcher(id).matches() ? "aws " + id : null;
    }
}
