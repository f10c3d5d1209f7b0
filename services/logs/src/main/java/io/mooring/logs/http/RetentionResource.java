package io.mooring.logs.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.chassis.Json;
import io.mooring.chassis.db.Database;
import io.mooring.contracts.mqtt.DeviceTopics;
import io.mooring.logs.LogsConfig;
import io.mooring.logs.access.ChangeTrail;
import io.mooring.logs.core.Caller;
import io.mooring.logs.core.Refusal;
import io.mooring.logs.core.Retention;
import io.mooring.logs.db.RetentionStore;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** For how many days lines are kept. */
@Path("/v1/clouds/{cloud}/log-retention")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
@Tag(name = "retention", description = "For how many days lines are kept.")
@RunOnVirtualThread
public class RetentionResource {
    private final Database database;
    private final ChangeTrail trail;
    private final Door door;
    private final int otherwise;

    RetentionResource(Database database, ChangeTrail trail, Door door, LogsConfig config) {
        this.database = database;
        this.trail = trail;
        this.door = door;
        this.otherwise = config.retentionDays();
    }

    @GET
    @Operation(summary = "For how many days lines of this cloud are kept, and of products with days of their own")
    public Response get(@Context HttpServerRequest request, @PathParam("cloud") String cloud) throws SQLException {
        return door.admit(
                request,
                caller -> caller.may(Caller.READ, cloud)
                        ? Response.ok(view(cloud)).build()
                        : notAllowed());
    }

    @PUT
    @Operation(
            summary = "Sets it, for a cloud or (product=ID) one product; for operators",
            description = "{\"days\"}: one of the numbers of CloudWatch Logs. For lines that come from now on.")
    public Response put(
            @Context HttpServerRequest request,
            @PathParam("cloud") String cloud,
            @QueryParam("product") @Nullable String product,
            byte[] body)
            throws SQLException {
        return door.admit(request, caller -> {
            if (!caller.isOperator()) {
                return notAllowed();
            }
            int days = days(body);
            if (!Retention.isKnown(days)
                    || !DeviceTopics.isLevel(cloud)
                    || product != null && !DeviceTopics.isLevel(product)) {
                return door.refused(new Refusal("bad-request", "\"days\" is one of " + Retention.DAYS + "."));
            }
            database.run(connection -> {
                RetentionStore.save(connection, cloud, product == null ? "" : product, days);
                Map<String, String> asked = new TreeMap<>(Map.of("days", Integer.toString(days)));
                if (product != null) {
                    asked.put("product", product);
                }
                trail.tell(connection, caller, "SetLogRetention", cloud, asked);
            });
            return Response.ok(view(cloud)).build();
        });
    }

    private Response notAllowed() {
        return door.refused(new Refusal("not-allowed", "The caller may not do that."));
    }

    private static int days(byte[] body) {
        try {
            JsonNode days = Json.read(body).path("days");
            return days.isInt() ? days.intValue() : -1;
        } catch (IOException none) {
            return -1;
        }
    }

    private ObjectNode view(String cloud) throws SQLException {
        RetentionStore.Set set = database.read(connection -> RetentionStore.all(connection, otherwise));
        ObjectNode json = Json.object().put("days", set.days(cloud, null));
        ObjectNode products = json.putObject("products");
        set.of(cloud).forEach((product, days) -> {
            if (!product.isEmpty()) {
                products.put(product, days);
            }
        });
        return json;
    }
}
