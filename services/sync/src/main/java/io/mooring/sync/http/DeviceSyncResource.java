package io.mooring.sync.http;

import io.mooring.chassis.db.Database;
import io.mooring.contracts.sync.StreamPosition;
import io.mooring.sync.ControlHandler;
import io.mooring.sync.core.CloudSchema;
import io.mooring.sync.db.CatchUpStore;
import io.mooring.sync.db.DeviceStore;
import io.mooring.sync.db.StreamStore;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How one device's sync stands. */
@Path("/v1/clouds/{cloud}/devices/{device}/sync")
@Produces(MediaType.APPLICATION_JSON)
public class DeviceSyncResource {
    /**
     * A catch-up that a device is owed.
     *
     * @param since what the device said of where it stands; empty: nowhere
     * @param askedFor whether the device asked for it, rather than somebody who gave it more tables
     * @param started when it was begun, if it was
     * @param sent how many rows were sent of it
     * @param total of about how many, where that was counted: a catch-up of one chunk is not
     */
    public record CatchUpEntry(
            String since,
            boolean askedFor,
            String requested,
            @Nullable String started,
            long sent,
            @Nullable Long total) {}

    /**
     * A device.
     *
     * @param position where it stands for certain: the end of the catch-up that met its last request, or where
     *     it said itself; absent if it never did
     * @param streamPosition the head of the stream, likewise
     * @param catchUp what it is owed, if anything
     */
    public record DeviceSync(
            String device,
            @Nullable String account,
            String state,
            boolean paused,
            @Nullable String position,
            String streamPosition,
            @Nullable CatchUpEntry catchUp,
            List<ControlResource.TableEntry> tables) {}

    private final Database database;
    private final ControlHandler handler;

    public DeviceSyncResource(Database database, ControlHandler handler) {
        this.database = database;
        this.handler = handler;
    }

    @GET
    @RunOnVirtualThread
    public Response get(@PathParam("cloud") String cloud, @PathParam("device") String id) throws SQLException {
        Optional<ControlHandler.State> state = CloudSchema.isCloudName(cloud) ? handler.read(cloud) : Optional.empty();
        if (state.isEmpty()) {
            return Problems.unknownCloud(cloud);
        }
        Optional<DeviceStore.Device> device = database.read(connection -> DeviceStore.find(connection, id))
                .filter(found -> found.cloud().equals(cloud));
        if (device.isEmpty()) {
            return Problems.of(404, "unknown-device", "The cloud has no device '" + id + "'.");
        }
        ControlResource.DeviceEntry control = ControlResource.deviceEntry(state.get(), id);
        return database.read(connection -> {
            StreamPosition position =
                    DeviceStore.positions(connection, List.of(id)).get(id);
            return Response.ok(new DeviceSync(
                            id,
                            device.get().account(),
                            device.get().state(),
                            control.paused(),
                            position == null ? null : position.toString(),
                            StreamStore.read(connection).position().toString(),
                            CatchUpStore.find(connection, id)
                                    .map(DeviceSyncResource::entry)
                                    .orElse(null),
                            control.tables()))
                    .build();
        });
    }

    private static CatchUpEntry entry(CatchUpStore.Account account) {
        return new CatchUpEntry(
                account.since(),
                account.askedFor(),
                account.requested().toString(),
                account.started() == null ? null : account.started().toString(),
                account.sent(),
                account.total());
    }
}
