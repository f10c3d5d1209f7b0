package io.mooring.sync.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.mooring.contracts.schema.Direction;
import io.mooring.contracts.schema.Model;
import io.mooring.sync.ControlHandler;
import io.mooring.sync.ControlHandler.RefusedException;
import io.mooring.sync.JsonCodec;
import io.mooring.sync.core.CloudControl;
import io.mooring.sync.core.CloudSchema;
import io.mooring.sync.core.DeviceControl;
import io.mooring.sync.core.RowFilter;
import io.mooring.sync.core.TableControl;
import io.mooring.sync.core.TableLayout;
import io.mooring.sync.core.TableView;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What is set of a cloud's sync besides its schema: directions and filters of tables, paused devices. */
@Path("/v1/clouds/{cloud}/control")
@Produces(MediaType.APPLICATION_JSON)
public class ControlResource {
    private static final int MOST_LISTED = 1000;

    /** A table as it stands, and who says so: {@code schema}, {@code cloud} or {@code device}. */
    public record TableEntry(String model, String direction, String directionBy, String rows, String rowsBy) {}

    /** A cloud's tables. */
    public record CloudEntry(String cloud, long version, List<TableEntry> tables) {}

    /** A device's tables. */
    public record DeviceEntry(String device, boolean paused, List<TableEntry> tables) {}

    /** Devices for which something is set; {@code next} is where the next page begins. */
    public record DeviceList(
            List<DeviceEntry> devices, @Nullable String next) {}

    private final ControlHandler handler;

    public ControlResource(ControlHandler handler) {
        this.handler = handler;
    }

    @GET
    @RunOnVirtualThread
    public Response cloud(@PathParam("cloud") String cloud) throws SQLException {
        Optional<ControlHandler.State> state = state(cloud);
        return state.map(found -> Response.ok(cloudEntry(found)).build()).orElseGet(() -> Problems.unknownCloud(cloud));
    }

    @GET
    @Path("/devices")
    @RunOnVirtualThread
    public Response devices(
            @PathParam("cloud") String cloud,
            @QueryParam("after") @Nullable String after,
            @QueryParam("limit") @DefaultValue("100") String limit)
            throws SQLException {
        if (!limit.matches("[1-9][0-9]{0,2}|1000")) {
            return Problems.of(400, "bad-limit", "limit is a number from 1 to " + MOST_LISTED + ".");
        }
        Optional<ControlHandler.State> state = state(cloud);
        if (state.isEmpty()) {
            return Problems.unknownCloud(cloud);
        }
        int most = Integer.parseInt(limit);
        Map<String, DeviceControl> devices = new TreeMap<>(state.get().control().devices());
        List<DeviceEntry> page = new TreeMap<>(devices)
                .tailMap(after == null ? "" : after, false).keySet().stream()
                        .limit(most)
                        .map(device -> new DeviceEntry(
                                device, state.get().control().isPaused(device), own(state.get(), device)))
                        .toList();
        return Response.ok(new DeviceList(
                        page, page.size() < most ? null : page.getLast().device()))
                .build();
    }

    @GET
    @Path("/devices/{device}")
    @RunOnVirtualThread
    public Response device(@PathParam("cloud") String cloud, @PathParam("device") String device) throws SQLException {
        Optional<ControlHandler.State> state = state(cloud);
        return state.map(found -> Response.ok(deviceEntry(found, device)).build())
                .orElseGet(() -> Problems.unknownCloud(cloud));
    }

    @PUT
    @Consumes(MediaType.WILDCARD)
    @Path("/devices/{device}")
    @RunOnVirtualThread
    public Response pause(
            @PathParam("cloud") String cloud,
            @PathParam("device") String device,
            @Nullable String body,
            @Context ContainerRequestContext request)
            throws SQLException {
        JsonNode paused = object(body).path("paused");
        if (!paused.isBoolean()) {
            return Problems.of(
                    400, "nothing-to-set", "The body says neither {\"paused\":true} nor {\"paused\":false}.");
        }
        return set(
                cloud,
                () -> handler.pause(cloud, device, paused.booleanValue(), ClientAuthentication.client(request)),
                state -> deviceEntry(state, device));
    }

    @PUT
    @Consumes(MediaType.WILDCARD)
    @Path("/tables/{model}")
    @RunOnVirtualThread
    public Response table(
            @PathParam("cloud") String cloud,
            @PathParam("model") String model,
            @Nullable String body,
            @Context ContainerRequestContext request)
            throws SQLException {
        return setTable(cloud, null, model, body, request);
    }

    @DELETE
    @Path("/tables/{model}")
    @RunOnVirtualThread
    public Response resetTable(
            @PathParam("cloud") String cloud,
            @PathParam("model") String model,
            @Context ContainerRequestContext request)
            throws SQLException {
        return setTable(cloud, null, model, "{}", request);
    }

    @PUT
    @Consumes(MediaType.WILDCARD)
    @Path("/devices/{device}/tables/{model}")
    @RunOnVirtualThread
    public Response deviceTable(
            @PathParam("cloud") String cloud,
            @PathParam("device") String device,
            @PathParam("model") String model,
            @Nullable String body,
            @Context ContainerRequestContext request)
            throws SQLException {
        return setTable(cloud, device, model, body, request);
    }

    @DELETE
    @Path("/devices/{device}/tables/{model}")
    @RunOnVirtualThread
    public Response resetDeviceTable(
            @PathParam("cloud") String cloud,
            @PathParam("device") String device,
            @PathParam("model") String model,
            @Context ContainerRequestContext request)
            throws SQLException {
        return setTable(cloud, device, model, "{}", request);
    }

    private Response setTable(
            String cloud, @Nullable String device, String model, @Nullable String body, ContainerRequestContext request)
            throws SQLException {
        JsonNode wanted = object(body);
        JsonNode direction = wanted.path("direction");
        JsonNode rows = wanted.path("rows");
        Optional<Direction> wantedDirection = Direction.named(direction.asText());
        Optional<RowFilter> wantedRows = RowFilter.named(rows.asText());
        boolean readable = wanted.isObject()
                && (isUnset(direction) || wantedDirection.isPresent())
                && (isUnset(rows) || wantedRows.isPresent());
        if (!readable) {
            return Problems.of(
                    400,
                    "bad-table-control",
                    "The body is a JSON object: direction is up, down, both or none, rows is own, account or all;"
                            + " what it leaves out is as the cloud or the schema says.");
        }
        TableControl control = new TableControl(wantedDirection.orElse(null), wantedRows.orElse(null));
        return set(
                cloud,
                () -> handler.setTable(cloud, device, model, control, ClientAuthentication.client(request)),
                state -> device == null ? cloudEntry(state) : deviceEntry(state, device));
    }

    private static boolean isUnset(JsonNode member) {
        return member.isMissingNode() || member.isNull();
    }

    /** A body's JSON; nothing if it is none. */
    private static JsonNode object(@Nullable String body) {
        try {
            JsonNode json = body == null ? null : JsonCodec.read(body);
            return json != null && json.isObject() ? json : MissingNode.getInstance();
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance();
        }
    }

    /** A change of what is set. */
    private interface Change {
        void make() throws SQLException, RefusedException;
    }

    private Response set(String cloud, Change change, java.util.function.Function<ControlHandler.State, Object> answer)
            throws SQLException {
        if (!CloudSchema.isCloudName(cloud)) {
            return Problems.badCloudName();
        }
        try {
            change.make();
        } catch (RefusedException e) {
            return Problems.of(status(e.code()), e.code(), String.valueOf(e.getMessage()));
        }
        return state(cloud)
                .map(state -> Response.ok(answer.apply(state)).build())
                .orElseGet(() -> Problems.unknownCloud(cloud));
    }

    private static int status(String code) {
        return switch (code) {
            case "unknown-cloud", "unknown-model", "unknown-device" -> 404;
            case "too-many-devices" -> 409;
            default -> 422;
        };
    }

    private Optional<ControlHandler.State> state(String cloud) throws SQLException {
        return CloudSchema.isCloudName(cloud) ? handler.read(cloud) : Optional.empty();
    }

    private static CloudEntry cloudEntry(ControlHandler.State state) {
        List<TableEntry> tables = state.schema().layouts().values().stream()
                .map(layout -> entry(
                        layout,
                        state.control().view(layout.model()),
                        TableControl.UNSET,
                        common(state.control(), layout.model())))
                .toList();
        return new CloudEntry(state.schema().cloud(), state.control().version(), tables);
    }

    static DeviceEntry deviceEntry(ControlHandler.State state, String device) {
        List<TableEntry> tables = state.schema().layouts().values().stream()
                .map(layout -> entry(state, layout, device))
                .toList();
        return new DeviceEntry(device, state.control().isPaused(device), tables);
    }

    /** The tables of which a device has something of its own set. */
    private static List<TableEntry> own(ControlHandler.State state, String device) {
        Map<String, TableControl> own = state.control().device(device).tables();
        return state.schema().layouts().values().stream()
                .filter(layout -> own.containsKey(layout.model().name()))
                .map(layout -> entry(state, layout, device))
                .toList();
    }

    private static TableEntry entry(ControlHandler.State state, TableLayout layout, String device) {
        CloudControl control = state.control();
        String model = layout.model().name();
        return entry(
                layout,
                control.view(layout.model(), device),
                control.device(device).tables().getOrDefault(model, TableControl.UNSET),
                common(control, layout.model()));
    }

    private static TableControl common(CloudControl control, Model model) {
        return control.tables().getOrDefault(model.name(), TableControl.UNSET);
    }

    private static TableEntry entry(TableLayout layout, TableView view, TableControl own, TableControl common) {
        return new TableEntry(
                layout.model().name(),
                view.direction().name().toLowerCase(Locale.ROOT),
                own.direction() != null ? "device" : common.direction() != null ? "cloud" : "schema",
                view.rows().label(),
                own.rows() != null ? "device" : common.rows() != null ? "cloud" : "schema");
    }
}
