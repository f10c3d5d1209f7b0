package io.mooring.sync.http;

import io.mooring.contracts.schema.SchemaException;
import io.mooring.sync.SchemaHandler;
import io.mooring.sync.core.CloudSchema;
import io.mooring.sync.core.TableLayout;
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
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Schemas of clouds: put in force, and read, earlier ones too. */
@Path("/v1/clouds/{cloud}/schema")
@Produces(MediaType.APPLICATION_JSON)
public class SchemaResource {
    /** A model as it came to be: which table, which way, whose rows. */
    public record ModelView(String name, String table, String sync, String scope) {}

    /** The schema in force; {@code source} as its owner wrote it, {@code changed} after a PUT. */
    public record SchemaView(
            String cloud,
            int version,
            @Nullable Boolean changed,
            String databaseSchema,
            List<ModelView> models,
            @Nullable String source,
            @Nullable Map<String, Integer> products) {}

    /** A version as its owner wrote it, and which versions of products' schemas it was made with. */
    public record VersionView(int version, Instant created, Map<String, Integer> products, String source) {}

    /** A list of versions, the newest first. */
    public record VersionsView(List<SchemaStore.Listed> versions) {}

    private final SchemaHandler schemas;

    public SchemaResource(SchemaHandler schemas) {
        this.schemas = schemas;
    }

    @PUT
    @Consumes(MediaType.WILDCARD)
    @RunOnVirtualThread
    public Response put(@PathParam("cloud") String cloud, @Context ContainerRequestContext request, String source)
            throws SQLException {
        if (!CloudSchema.isCloudName(cloud)) {
            return Problems.badCloudName();
        }
        try {
            SchemaHandler.Outcome outcome = schemas.put(cloud, source, ClientAuthentication.client(request));
            return Response.ok(view(outcome)).build();
        } catch (SchemaException e) {
            return Problems.schema(e);
        }
    }

    @GET
    @RunOnVirtualThread
    public Response get(@PathParam("cloud") String cloud) throws SQLException {
        if (!CloudSchema.isCloudName(cloud)) {
            return Problems.badCloudName();
        }
        Optional<SchemaStore.Version> version = schemas.source(cloud);
        if (version.isEmpty()) {
            return Problems.unknownCloud(cloud);
        }
        schemas.forget(cloud);
        return Response.ok(view(schemas.of(cloud), null, version.get().source(), made(version.get())))
                .build();
    }

    @GET
    @Path("/versions")
    @RunOnVirtualThread
    public Response versions(@PathParam("cloud") String cloud) throws SQLException {
        List<SchemaStore.Listed> versions = schemas.versions(cloud);
        return versions.isEmpty()
                ? Problems.unknownCloud(cloud)
                : Response.ok(new VersionsView(versions)).build();
    }

    @GET
    @Path("/versions/{version: [0-9]+}")
    @RunOnVirtualThread
    public Response version(@PathParam("cloud") String cloud, @PathParam("version") int number) throws SQLException {
        Optional<SchemaStore.Version> version = schemas.source(cloud, number);
        return version.isEmpty()
                ? Problems.unknownVersion()
                : Response.ok(new VersionView(
                                number,
                                version.get().created(),
                                made(version.get()),
                                version.get().source()))
                        .build();
    }

    private static Map<String, Integer> made(SchemaStore.Version version) {
        Map<String, Integer> made = new TreeMap<>();
        version.products().forEach((product, schema) -> made.put(product, schema.version()));
        return made;
    }

    static SchemaView view(SchemaHandler.Outcome outcome) {
        return view(outcome.schema(), outcome.changed(), null, null);
    }

    private static SchemaView view(
            CloudSchema schema,
            @Nullable Boolean changed,
            @Nullable String source,
            @Nullable Map<String, Integer> products) {
        List<ModelView> models =
                schema.layouts().values().stream().map(SchemaResource::view).toList();
        return new SchemaView(
                schema.cloud(), schema.version(), changed, schema.databaseSchema(), models, source, products);
    }

    private static ModelView view(TableLayout layout) {
        return new ModelView(
                layout.model().name(),
                layout.table(),
                layout.model().sync().name().toLowerCase(Locale.ROOT),
                layout.scope().name().toLowerCase(Locale.ROOT));
    }
}
