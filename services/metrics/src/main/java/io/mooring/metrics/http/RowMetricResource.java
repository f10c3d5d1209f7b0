package io.mooring.metrics.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.chassis.Json;
import io.mooring.contracts.mqtt.DeviceTopics;
import io.mooring.metrics.RowMetricBook;
import io.mooring.metrics.core.Caller;
import io.mooring.metrics.core.Outcome;
import io.mooring.metrics.core.Refusal;
import io.mooring.metrics.core.RowMetric;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Which numbers of synced rows are metrics. */
@Path("/v1/clouds/{cloud}/row-metrics")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
@Tag(name = "row-metrics", description = "Metrics that are numbers of synced rows.")
@RunOnVirtualThread
public class RowMetricResource {
    private final RowMetricBook book;
    private final Door door;
    private final Clock clock = Clock.systemUTC();

    RowMetricResource(RowMetricBook book, Door door) {
        this.book = book;
        this.door = door;
    }

    @GET
    @Operation(summary = "Which numbers of which models are metrics")
    public Response get(@Context HttpServerRequest request, @PathParam("cloud") String cloud) throws SQLException {
        return door.admit(
                request,
                caller -> caller.may(Caller.READ, cloud)
                        ? Response.ok(view(cloud)).build()
                        : notAllowed());
    }

    @PUT
    @Path("{model}")
    @Operation(
            summary = "Makes numbers of a model's rows metrics; for operators",
            description = "{\"fields\": [\"celsius\"], \"dimensions\": [\"room\"]}; or, with names of their own,"
                    + " \"fields\": {\"celsius\": \"temperature\"}. What devices and others write from now on counts.")
    public Response put(
            @Context HttpServerRequest request,
            @PathParam("cloud") String cloud,
            @PathParam("model") String model,
            byte[] body)
            throws SQLException {
        return door.admit(request, caller -> {
            if (!caller.isOperator()) {
                return notAllowed();
            }
            if (!DeviceTopics.isLevel(cloud)) {
                return door.refused(new Refusal("bad-request", "There is no such cloud."));
            }
            return switch (RowMetric.read(model, json(body), clock.millis())) {
                case Outcome.Done<RowMetric>(RowMetric metric) -> {
                    book.save(caller, cloud, metric);
                    yield Response.ok(view(cloud)).build();
                }
                case Outcome.Refused<RowMetric>(Refusal refusal) -> door.refused(refusal);
            };
        });
    }

    @DELETE
    @Path("{model}")
    @Operation(
            summary = "Rows of a model are no metrics any more; for operators",
            description = "What was counted stays.")
    public Response delete(
            @Context HttpServerRequest request, @PathParam("cloud") String cloud, @PathParam("model") String model)
            throws SQLException {
        return door.admit(request, caller -> {
            if (!caller.isOperator()) {
                return notAllowed();
            }
            return book.remove(caller, cloud, model)
                    ? Response.ok(view(cloud)).build()
                    : door.refused(new Refusal("unknown-model", "No number of that model is a metric."));
        });
    }

    private Response notAllowed() {
        return door.refused(new Refusal("not-allowed", "The caller may not do that."));
    }

    private static JsonNode json(byte[] body) {
        try {
            return Json.read(body);
        } catch (IOException none) {
            return Json.object();
        }
    }

    private ObjectNode view(String cloud) throws SQLException {
        ObjectNode json = Json.object();
        ObjectNode models = json.putObject("models");
        List<RowMetric> all = book.of(cloud);
        for (RowMetric metric : all) {
            ObjectNode model = models.putObject(metric.model());
            metric.fields().forEach(model.putObject("fields")::put);
            ArrayNode dimensions = model.putArray("dimensions");
            metric.dimensions().forEach(dimensions::add);
        }
        return json;
    }
}
