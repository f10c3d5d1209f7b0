package io.mooring.metrics.http;

import io.mooring.metrics.IngestHandler;
import io.mooring.metrics.MetricsConfig;
import io.mooring.metrics.PointBody;
import io.mooring.metrics.QueryHandler;
import io.mooring.metrics.UplinkHandler;
import io.mooring.metrics.core.Caller;
import io.mooring.metrics.core.Outcome;
import io.mooring.metrics.core.PointReader;
import io.mooring.metrics.core.Refusal;
import io.mooring.metrics.db.DeviceStore.Device;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Points, told by the device itself, or in its stead by a gateway, or an application that has them from elsewhere. */
@Path("/v1/clouds/{cloud}/devices/{device}/points")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
@Tag(name = "points", description = "Points of devices.")
@RunOnVirtualThread
public class PointResource {
    private final IngestHandler ingest;
    private final QueryHandler queries;
    private final Door door;
    private final MetricsConfig config;
    private final Clock clock = Clock.systemUTC();

    PointResource(IngestHandler ingest, QueryHandler queries, Door door, MetricsConfig config) {
        this.ingest = ingest;
        this.queries = queries;
        this.door = door;
        this.config = config;
    }

    @POST
    @Operation(
            summary = "Takes a batch of a device's points",
            description =
                    "{\"id\", \"points\": [{\"metric\", \"value\", \"time\", \"dimensions\"}]}, as devices send it"
                            + " over MQTT; gzip if it begins so. When this answers, what it says is committed. A batch with an"
                            + " id that was taken before counts no second time. Needs the right to write, or"
                            + " the signature of the device itself, by the access keys of getCreds (AWS Signature Version 4,"
                            + " service monitoring).")
    public Response take(
            @Context HttpServerRequest request,
            @PathParam("cloud") String cloud,
            @PathParam("device") String device,
            byte[] body)
            throws SQLException {
        return door.admit(request, body, caller -> {
            Optional<Device> known =
                    queries.device(device).filter(found -> found.cloud().equals(cloud));
            if (!caller.may(Caller.WRITE, cloud)
                    || !caller.reach()
                            .includes(device, known.map(Device::product).orElse(null))) {
                return door.refused(new Refusal("not-allowed", "The caller may not write for that device."));
            }
            if (known.isEmpty()) {
                return door.refused(new Refusal("unknown-device", "This cloud has no such device."));
            }
            PointReader reader = new PointReader(device, clock.millis(), config.pointLimits());
            Outcome<PointBody> read = PointBody.batch(
                    body,
                    reader,
                    config.limits().inflatedBytes(),
                    config.limits().pointsOfBatch());
            return door.answer(
                    read.then(points -> Outcome.done(take(cloud, device, points))),
                    report -> Response.ok(report).build());
        });
    }

    private String take(String cloud, String device, PointBody body) throws SQLException {
        IngestHandler.Result result = ingest.take(
                        List.of(new IngestHandler.Told(cloud, device, body.id(), body.points(), null)))
                .getFirst();
        Map<Integer, Refusal> refused = new TreeMap<>(body.refused());
        result.refused().forEach((at, why) -> refused.put(body.places().get(at), why));
        return UplinkHandler.report(body, result, refused);
    }
}
