package io.mooring.metrics.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.chassis.Json;
import io.mooring.metrics.QueryHandler;
import io.mooring.metrics.QueryHandler.Answer;
import io.mooring.metrics.QueryHandler.Question;
import io.mooring.metrics.core.Caller;
import io.mooring.metrics.core.Dimensions;
import io.mooring.metrics.core.Outcome;
import io.mooring.metrics.core.Owner;
import io.mooring.metrics.core.Series;
import io.mooring.metrics.core.SeriesKey;
import io.mooring.metrics.core.Statistic;
import io.mooring.metrics.core.Window;
import io.mooring.metrics.db.DeviceStore.Device;
import io.mooring.metrics.db.SeriesStore;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** What devices measured, for operators and applications. */
@Path("/v1/clouds/{cloud}/metrics")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "metrics", description = "What devices measured, summed up in windows.")
@RunOnVirtualThread
public class MetricResource {
    private static final int PAGE = 100;
    private static final int MAX_PAGE = 1_000;

    private final QueryHandler handler;
    private final Door door;
    private final Clock clock = Clock.systemUTC();

    MetricResource(QueryHandler handler, Door door) {
        this.handler = handler;
        this.door = door;
    }

    @GET
    @Operation(
            summary = "Lists metrics and their dimensions",
            description = "Of a device, a product, or with neither of the cloud as a whole. With metric: only that one."
                    + " Pages: \"next\" of one is \"after\" of the next.")
    public Response list(
            @Context HttpServerRequest request,
            @PathParam("cloud") String cloud,
            @QueryParam("device") @Nullable String device,
            @QueryParam("product") @Nullable String product,
            @QueryParam("metric") @Nullable String metric,
            @QueryParam("after") @Nullable String after,
            @QueryParam("limit") @Nullable String limit)
            throws SQLException {
        return door.admit(
                request,
                caller -> door.answer(
                        key(caller, cloud, device, product, metric == null ? "" : metric, Dimensions.NONE)
                                .then(key -> QueryReader.limit(limit, PAGE, MAX_PAGE)
                                        .then(most -> QueryReader.after(after)
                                                .then(from ->
                                                        Outcome.done(page(handler.list(key, from, most), most))))),
                        json -> Response.ok(json).build()));
    }

    private static ObjectNode page(List<SeriesStore.Listed> page, int most) {
        ObjectNode json = Json.object();
        ArrayNode list = json.putArray("metrics");
        for (SeriesStore.Listed listed : page) {
            ObjectNode entry = list.addObject().put("metric", listed.metric());
            entry.set("dimensions", dimensions(listed.dimensions()));
        }
        if (page.size() == most) {
            json.put("next", Long.toString(page.getLast().id()));
        }
        return json;
    }

    @GET
    @Path("{metric}")
    @Operation(
            summary = "A metric over time",
            description = "Windows of the first span that is as long as period (seconds, default an hour) before end"
                    + " (default now). Series have exactly the dimensions given (dimension=name=value, several times);"
                    + " with groupBy also that one, and each of its values is a series of the answer. Windows with no"
                    + " values are left out.")
    public Response series(
            @Context HttpServerRequest request,
            @PathParam("cloud") String cloud,
            @PathParam("metric") String metric,
            @QueryParam("device") @Nullable String device,
            @QueryParam("product") @Nullable String product,
            @QueryParam("dimension") List<String> dimension,
            @QueryParam("groupBy") @Nullable String groupBy,
            @QueryParam("statistics") @Nullable String statistics,
            @QueryParam("period") @Nullable String period,
            @QueryParam("end") @Nullable String end)
            throws SQLException {
        long now = clock.instant().getEpochSecond();
        return door.admit(
                request,
                caller -> door.answer(
                        QueryReader.dimensions(dimension)
                                .then(dimensions -> key(caller, cloud, device, product, metric, dimensions)
                                        .then(key -> QueryReader.period(period)
                                                .then(seconds -> QueryReader.end(end, now)
                                                        .then(until -> QueryReader.statistics(statistics)
                                                                .then(wanted -> Outcome.done(view(
                                                                        metric,
                                                                        handler.series(new Question(
                                                                                key, groupBy, seconds, until)),
                                                                        wanted))))))),
                        json -> Response.ok(json).build()));
    }

    private Outcome<SeriesKey> key(
            Caller caller,
            String cloud,
            @Nullable String device,
            @Nullable String product,
            String metric,
            Dimensions dimensions)
            throws SQLException {
        Optional<Device> known = device == null
                ? Optional.empty()
                : handler.device(device).filter(found -> found.cloud().equals(cloud));
        return QueryReader.owner(device, product).then(owner -> {
            if (!caller.sees(cloud, owner, known.map(Device::product).orElse(null))) {
                return Outcome.refused("not-allowed", "The caller does not reach that.");
            }
            if (owner.kind() == Owner.Kind.DEVICE && known.isEmpty()) {
                return Outcome.refused("unknown-device", "This cloud has no such device.");
            }
            int generation = known.map(Device::generation).orElse(0);
            return Outcome.done(new SeriesKey(cloud, owner, generation, metric, dimensions));
        });
    }

    private static ObjectNode view(String metric, Answer answer, List<Statistic> statistics) {
        ObjectNode json = Json.object()
                .put("metric", metric)
                .put("period", answer.span().period())
                .put("window", answer.span().bucket())
                .put("start", Instant.ofEpochSecond(answer.start()).toString());
        ArrayNode list = json.putArray("series");
        for (Series series : answer.series()) {
            ObjectNode entry = list.addObject();
            entry.set("dimensions", dimensions(series.dimensions()));
            entry.set("total", values(Json.object(), series.total(), statistics));
            ArrayNode windows = entry.putArray("windows");
            for (Series.At at : series.windows()) {
                ObjectNode window = windows.addObject()
                        .put("start", Instant.ofEpochSecond(at.start()).toString());
                values(window, at.window(), statistics);
            }
        }
        return json;
    }

    private static ObjectNode values(ObjectNode json, Window window, List<Statistic> statistics) {
        for (Statistic statistic : statistics) {
            if (statistic == Statistic.COUNT) {
                json.put(statistic.label(), window.count());
            } else if (statistic == Statistic.LAST && window.lastMillis() != Long.MIN_VALUE) {
                json.put(statistic.label(), window.last())
                        .put(
                                "lastTime",
                                Instant.ofEpochMilli(window.lastMillis()).toString());
            } else if (window.count() > 0) {
                json.put(statistic.label(), window.value(statistic));
            }
        }
        return json;
    }

    private static ObjectNode dimensions(Dimensions dimensions) {
        ObjectNode json = Json.object();
        dimensions.values().forEach(json::put);
        return json;
    }
}
