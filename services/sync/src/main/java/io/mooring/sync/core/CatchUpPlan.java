package io.mooring.sync.core;

import io.mooring.contracts.mqtt.DeviceTopics;
import io.mooring.contracts.mqtt.Receiver;
import io.mooring.contracts.schema.Model;
import io.mooring.contracts.schema.Scope;
import io.mooring.contracts.sync.StreamPosition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What has to be read to give a device all it missed: the changes since it last followed, and all rows and
 * graves of the tables it must get anew.
 *
 * @param stages in order
 */
public record CatchUpPlan(List<Stage> stages) {
    /** A part of the plan. */
    public sealed interface Stage {}

    /**
     * Changes from a place on.
     *
     * @param receiver whom they concern, as the index has it
     * @param since the place
     * @param models of these tables only
     */
    public record Changes(String receiver, long since, SortedSet<String> models) implements Stage {}

    /** All rows of a table that a filter gives. */
    public record Rows(String model, RowFilter filter) implements Stage {}

    /** All graves of a table that a filter gives. */
    public record Graves(String model, RowFilter filter) implements Stage {}

    public CatchUpPlan {
        stages = List.copyOf(stages);
    }

    /**
     * Plans.
     *
     * @param since where the device stands, or null if that is nowhere
     * @param anew per model, the place before which a device must get all of it anew
     */
    public static CatchUpPlan of(
            CloudSchema cloud,
            CloudControl control,
            String device,
            @Nullable String account,
            @Nullable StreamPosition since,
            Map<String, StreamPosition> anew) {
        Map<String, SortedSet<String>> changes = new TreeMap<>();
        List<Stage> whole = new ArrayList<>();
        for (TableLayout layout : cloud.layouts().values()) {
            Model model = layout.model();
            TableView view = control.view(model, device);
            Optional<Receiver> receiver = receiver(view.rows(), model.scope(), device, account);
            if (!view.direction().goesDown() || receiver.isEmpty()) {
                continue;
            }
            StreamPosition from = anew.get(model.name());
            if (since == null || (from != null && since.compareTo(from) < 0)) {
                whole.add(new Rows(model.name(), view.rows()));
                whole.add(new Graves(model.name(), view.rows()));
            } else {
                changes.computeIfAbsent(receiver.get().toString(), name -> new TreeSet<>())
                        .add(model.name());
            }
        }
        List<Stage> stages = new ArrayList<>();
        if (since != null) {
            changes.forEach((receiver, models) -> stages.add(new Changes(receiver, since.offset(), models)));
        }
        stages.addAll(whole);
        return new CatchUpPlan(stages);
    }

    private static Optional<Receiver> receiver(RowFilter rows, Scope scope, String device, @Nullable String account) {
        if (scope != Scope.DEVICE && rows == RowFilter.ACCOUNT && account == null) {
            return Optional.empty();
        }
        String owner = scope == Scope.ACCOUNT && account != null ? account : device;
        return DeviceTopics.isLevel(device) ? rows.receiver(scope, owner, account) : Optional.empty();
    }

    /** The models of which all rows are given. */
    public SortedSet<String> whole() {
        SortedSet<String> models = new TreeSet<>();
        for (Stage stage : stages) {
            if (stage instanceof Rows rows) {
                models.add(rows.model());
            }
        }
        return models;
    }

    /** Names the plan: a catch-up that was cut short goes on only by the plan it began with. */
    public String fingerprint() {
        return Integer.toHexString(stages.toString().hashCode()) + "-" + stages.size();
    }
}
