package io.mooring.sync.http;

import io.mooring.contracts.schema.SchemaException;
import io.mooring.sync.SchemaHandler;
import io.mooring.sync.core.CloudSchema;
import io.mooring.sync.db.SchemaStore;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.sql.SQLException;
import java.util.List;

/** What products bring to their cloud's schema. */
@Path("/v1/clouds/{cloud}/products/{product}/schema")
@Produces(MediaType.APPLICATION_JSON)
public class ProductSchemaResource {
    /** A version as its owner wrote it. */
    public record ProductView(String product, int version, String source) {}

    private final SchemaHandler schemas;

    public ProductSchemaResource(SchemaHandler schemas) {
        this.schemas = schemas;
    }

    @PUT
    @Consumes(MediaType.WILDCARD)
    @RunOnVirtualThread
    public Response put(
            @PathParam("cloud") String cloud,
            @PathParam("product") String product,
            @Context ContainerRequestContext request,
            String source)
            throws SQLException {
        if (!CloudSchema.isCloudName(cloud)) {
            return Problems.badCloudName();
        }
        if (!CloudSchema.isProduct(product)) {
            return Problems.badProduct();
        }
        try {
            return Response.ok(SchemaResource.view(
                            schemas.putProduct(cloud, product, source, ClientAuthentication.client(request))))
                    .build();
        } catch (SchemaException e) {
            return Problems.schema(e);
        }
    }

    @GET
    @RunOnVirtualThread
    public Response get(@PathParam("cloud") String cloud, @PathParam("product") String product) throws SQLException {
        List<SchemaStore.Listed> versions = schemas.versions(cloud, product);
        return versions.isEmpty()
                ? Problems.unknownVersion()
                : version(cloud, product, versions.getFirst().version());
    }

    @GET
    @Path("/versions")
    @RunOnVirtualThread
    public Response versions(@PathParam("cloud") String cloud, @PathParam("product") String product)
            throws SQLException {
        return Response.ok(new SchemaResource.VersionsView(schemas.versions(cloud, product)))
                .build();
    }

    @GET
    @Path("/versions/{version: [0-9]+}")
    @RunOnVirtualThread
    public Response version(
            @PathParam("cloud") String cloud, @PathParam("product") String product, @PathParam("version") int number)
            throws SQLException {
        return schemas.product(cloud, product, number)
                .map(version -> Response.ok(new ProductView(product, number, version.source()))
                        .build())
                .orElseGet(Problems::unknownVersion);
    }
}
