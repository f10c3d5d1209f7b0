package io.mooring.sync.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import io.mooring.chassis.db.Database;
import io.mooring.sync.core.CloudSchema;
import io.mooring.sync.db.HistoryStore;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Versions of rows of the models that keep them. */
@Path("/v1/clouds/{cloud}/history")
@Produces(MediaType.APPLICATION_JSON)
public class HistoryResource {
    private static final int MOST = 500;

    /**
     * What happened to a row.
     *
     * @param at when it was committed, about; ISO 8601
     * @param owner the device or account whose row it is; empty if it is everybody's
     * @param op {@code insert}, {@code update} or {@code delete}
     * @param role the database role that wrote; {@code mooring_sync} for devices
     * @param clocks which fields were written when and by whom
     * @param before the values that changed, as they were; null if there was no row
     * @param after as they became; null if there is no row
     */
    public record VersionView(
            long id,
            String at,
            String model,
            String owner,
            String key,
            String op,
            String role,
            @JsonRawValue String clocks,
            @JsonRawValue @Nullable String before,
            @JsonRawValue @Nullable String after) {}

    /** Some of them, the latest first; {@code next} is what to ask {@code before} for more, if there may be more. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record VersionPage(
            List<VersionView> versions, @Nullable String next) {}

    private final Database database;

    public HistoryResource(Database database) {
        this.database = database;
    }

    @GET
    @RunOnVirtualThread
    public Response get(
            @PathParam("cloud") String cloud,
            @QueryParam("model") @Nullable String model,
            @QueryParam("owner") @Nullable String owner,
            @QueryParam("key") @Nullable String key,
            @QueryParam("before") @Nullable String before,
            @QueryParam("limit") @DefaultValue("100") String limit)
            throws SQLException {
        if (!CloudSchema.isCloudName(cloud)) {
            return Problems.badCloudName();
        }
        if (model == null) {
            return Problems.of(400, "no-model", "Say of which model: ?model=Name.");
        }
        if (!limit.matches("[1-9][0-9]{0,2}") || Integer.parseInt(limit) > MOST) {
            return Problems.of(400, "bad-limit", "limit is a number from 1 to " + MOST + ".");
        }
        if (before != null && !before.matches("[0-9]{1,18}")) {
            return Problems.of(400, "bad-before", "before is the next of the page before.");
        }
        HistoryStore.Query query = new HistoryStore.Query(
                cloud,
                model,
                owner,
                key,
                before == null ? Long.MAX_VALUE : Long.parseLong(before),
                Integer.parseInt(limit));
        List<HistoryStore.Version> found = database.read(connection -> HistoryStore.page(connection, query));
        String next = found.size() < query.limit()
                ? null
                : Long.toString(found.getLast().id());
        return Response.ok(new VersionPage(
                        found.stream().map(HistoryResource::view).toList(), next))
                .build();
    }

    private static VersionView view(HistoryStore.Version version) {
        return new VersionView(
                version.id(),
                version.at().toString(),
                version.model(),
                version.owner(),
                version.sk(),
                version.op(),
                version.role(),
                version.clocks(),
                version.before(),
                version.after());
    }
}
