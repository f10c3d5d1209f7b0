package io.mooring.messaging.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.chassis.Json;
import io.mooring.chassis.http.Problems;
import io.mooring.messaging.ApplicationHandler;
import io.mooring.messaging.core.Names;
import io.mooring.messaging.core.Outcome;
import io.mooring.messaging.core.TopicPattern;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.sql.SQLException;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Which application topics the devices of a product have; for operators. */
@Path("/v1/clouds/{cloud}/products/{product}/topics")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
@Tag(name = "topics", description = "Which application topics the devices of a product have. For operators.")
@RunOnVirtualThread
public class TopicResource {
    private static final int MAX_PRODUCT = 200;

    private final ApplicationHandler handler;
    private final Door door;

    TopicResource(ApplicationHandler handler, Door door) {
        this.handler = handler;
        this.door = door;
    }

    @PUT
    @Operation(
            summary = "Declares a product's application topics",
            description = "Body: {\"patterns\":[{\"pattern\":\"telemetry/#\",\"direction\":\"up\"}]}; a pattern is an"
                    + " MQTT topic filter past app/{deviceId}/, direction up, down or both.")
    public Response put(
            @Context HttpServerRequest request,
            @PathParam("cloud") String cloud,
            @PathParam("product") String product,
            String body)
            throws SQLException {
        return door.admitOperator(request, caller -> {
            if (!Names.isCloud(cloud) || product.isBlank() || product.length() > MAX_PRODUCT) {
                return Problems.of(400, "bad-request", "The path needs the name of a cloud and the id of a product.");
            }
            return door.answer(
                    Door.json(body).then(TopicPattern::read).then(patterns -> {
                        handler.declare(caller, cloud, product, patterns);
                        return Outcome.done(patterns);
                    }),
                    patterns -> Response.ok(view(cloud, product, patterns)).build());
        });
    }

    @GET
    @Operation(summary = "A product's application topics")
    public Response get(
            @Context HttpServerRequest request, @PathParam("cloud") String cloud, @PathParam("product") String product)
            throws SQLException {
        return door.admitOperator(request, caller -> {
            ObjectNode json = Json.object().put("cloud", cloud).put("product", product);
            json.set("patterns", Json.column(handler.declared(cloud, product).orElse("[]")));
            return Response.ok(json).build();
        });
    }

    private static ObjectNode view(String cloud, String product, List<TopicPattern> patterns) {
        ObjectNode json = Json.object().put("cloud", cloud).put("product", product);
        var list = json.putArray("patterns");
        for (TopicPattern pattern : patterns) {
            list.addObject()
                    .put("pattern", pattern.pattern())
                    .put("direction", pattern.direction().label());
        }
        return json;
    }
}
