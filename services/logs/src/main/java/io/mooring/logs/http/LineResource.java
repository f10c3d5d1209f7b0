package io.mooring.logs.http;

import io.mooring.chassis.db.Database;
import io.mooring.logs.IngestHandler;
import io.mooring.logs.LineBody;
import io.mooring.logs.LogMetrics;
import io.mooring.logs.LogsConfig;
import io.mooring.logs.core.Caller;
import io.mooring.logs.core.LineReader;
import io.mooring.logs.core.Outcome;
import io.mooring.logs.core.Refusal;
import io.mooring.logs.db.DeviceStore;
import io.mooring.logs.db.DeviceStore.Device;
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
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Lines, told by the device itself, or in its stead by a gateway, or an application that has them from elsewhere. */
@Path("/v1/clouds/{cloud}/devices/{device}/logs")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
@Tag(name = "logs", description = "Lines of devices' logs.")
@RunOnVirtualThread
public class LineResource {
    private final IngestHandler ingest;
    private final Database database;
    private final Door door;
    private final LogsConfig config;
    private final LogMetrics metrics;
    private final Clock clock = Clock.systemUTC();

    LineResource(IngestHandler ingest, Database database, Door door, LogsConfig config, LogMetrics metrics) {
        this.ingest = ingest;
        this.database = database;
        this.door = door;
        this.config = config;
        this.metrics = metrics;
    }

    @POST
    @Operation(
            summary = "Takes a batch of a device's lines",
            description =
                    "{\"id\", \"source\", \"lines\": [{\"time\", \"level\", \"text\", \"source\", \"fields\"}]}, as devices"
                            + " send it over MQTT; gzip if it begins so. When this answers, what it says is committed. A"
                            + " batch with an id that was taken before is taken no second time. Needs the right to write, or"
                            + " the signature of the device itself, by the access keys of getCreds (AWS Signature Version 4,"
                            + " service logs).")
    public Response take(
            @Context HttpServerRequest request,
            @PathParam("cloud") String cloud,
            @PathParam("device") String device,
            byte[] body)
            throws SQLException {
        return door.admit(request, body, caller -> {
            Optional<Device> known = database.read(connection -> DeviceStore.find(connection, device))
                    .filter(found -> found.cloud().equals(cloud));
            if (!caller.may(Caller.WRITE, cloud)
                    || !caller.reach()
                            .includes(device, known.map(Device::product).orElse(null))) {
                return door.refused(new Refusal("not-allowed", "The caller may not write for that device."));
            }
            if (known.isEmpty()) {
                return door.refused(new Refusal("unknown-device", "This cloud has no such device."));
            }
            Outcome<LineBody> read = LineBody.batch(
                    body,
                    new LineReader(clock.millis(), config.lineLimits()),
                    config.limits().inflatedBytes(),
                    config.limits().linesOfBatch());
            return door.answer(
                    read.then(lines -> Outcome.done(take(cloud, device, lines))),
                    report -> Response.ok(report).build());
        });
    }

    private String take(String cloud, String device, LineBody body) throws SQLException {
        String id = body.id() == null ? null : "batch " + body.id();
        body.refused().values().forEach(why -> metrics.refused(why.code()));
        return body.report(ingest.take("http", List.of(new IngestHandler.Told(cloud, device, id, body.lines(), null)))
                .getFirst());
    }
}
