package io.mooring.sync.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import io.mooring.chassis.db.Database;
import io.mooring.sync.core.CloudSchema;
import io.mooring.sync.db.ConflictStore;
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

/** What devices wrote and what does not stand. */
@Path("/v1/clouds/{cloud}/conflicts")
@Produces(MediaType.APPLICATION_JSON)
public class ConflictResource {
    private static final int MOST = 500;

    /**
     * One write that does not stand.
     *
     * @param clock when the device wrote it, by its own clock
     * @param reason {@code later-write}, {@code direction}, or the code of the refusal
     * @param fields what was lost and what stands instead, by field
     * @param noted when it came to nothing, ISO 8601
     */
    public record ConflictView(
            long id,
            String device,
            String model,
            String key,
            String clock,
            String reason,
            @JsonRawValue String fields,
            String noted) {}

    /** Some of them, the latest first; {@code next} is what to ask {@code before} for more, if there may be more. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ConflictPage(
            List<ConflictView> conflicts, @Nullable String next) {}

    private final Database database;

    public ConflictResource(Database database) {
        this.database = database;
    }

    @GET
    @RunOnVirtualThread
    public Response get(
            @PathParam("cloud") String cloud,
            @QueryParam("device") @Nullable String device,
            @QueryParam("model") @Nullable String model,
            @QueryParam("key") @Nullable String key,
            @QueryParam("before") @Nullable String before,
            @QueryParam("limit") @DefaultValue("100") String limit)
            throws SQLException {
        if (!CloudSchema.isCloudName(cloud)) {
            return Problems.badCloudName();
        }
        if (!limit.matches("[1-9][0-9]{0,2}") || Integer.parseInt(limit) > MOST) {
            return Problems.of(400, "bad-limit", "limit is a number from 1 to " + MOST + ".");
        }
        if (before != null && !before.matches("[0-9]{1,18}")) {
            return Problems.of(400, "bad-before", "before is the next of the page before.");
        }
        ConflictStore.Query query = new ConflictStore.Query(
                cloud,
                device,
                model,
                key,
                before == null ? Long.MAX_VALUE : Long.parseLong(before),
                Integer.parseInt(limit));
        List<ConflictStore.Conflict> found = database.read(connection -> ConflictStore.page(connection, query));
        String next = found.size() < query.limit()
                ? null
                : Long.toString(found.getLast().id());
        return Response.ok(new ConflictPage(
                        found.stream().map(ConflictResource::view).toList(), next))
                .build();
    }

    private static ConflictView view(ConflictStore.Conflict conflict) {
        return new ConflictView(
                conflict.id(),
                conflict.device(),
                conflict.model(),
                conflict.sk(),
                conflict.clock(),
                conflict.reason(),
                conflict.fields(),
                conflict.noted().toString());
    }
}
