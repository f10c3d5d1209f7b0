package io.mooring.e2e.verdict;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.contracts.sync.RowState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Compares what a device holds with what stands in the cloud. */
final class Comparison {
    private final Rows rows;

    Comparison(Rows rows) {
        this.rows = rows;
    }

    /** Their differences, in words, at most so many. */
    List<String> compare(List<StandingRow> cloud, String device, String account, List<StandingRow> held, int most) {
        Map<RowName, StandingRow> there = new HashMap<>();
        for (StandingRow row : cloud) {
            if (rows.concerns(row, device, account)) {
                there.put(new RowName(row.model(), row.owner(), row.sk()), row);
            }
        }
        Map<RowName, StandingRow> here = new HashMap<>();
        held.forEach(row -> here.put(new RowName(row.model(), row.owner(), row.sk()), row));
        Set<RowName> names = new TreeSet<>(java.util.Comparator.comparing(RowName::toString));
        names.addAll(there.keySet());
        names.addAll(here.keySet());
        List<String> differences = new ArrayList<>();
        for (RowName name : names) {
            String difference = rows.model(name.model()).sync().goesDown()
                    ? difference(name, there.get(name), here.get(name))
                    : beyond(name, there.get(name), here.get(name));
            if (!difference.isEmpty() && differences.size() < most) {
                differences.add(name + ": in the cloud and on the device, " + difference);
            }
        }
        return differences;
    }

    private String difference(RowName name, @Nullable StandingRow there, @Nullable StandingRow here) {
        boolean clocks = there != null && here != null && there.clock() != null && here.clock() != null;
        return rows.difference(name.model(), state(there), state(here), clocks);
    }

    /** Of a table that only goes up, the cloud must have at least what the device has; the device need not have all. */
    private String beyond(RowName name, @Nullable StandingRow there, @Nullable StandingRow here) {
        if (here == null || here.clock() == null) {
            return "";
        }
        RowState<JsonNode> known = state(there);
        return rows.difference(name.model(), known, Rows.merged(known, state(here)), true);
    }

    private RowState<JsonNode> state(@Nullable StandingRow row) {
        if (row == null || (row.values() == null && row.clock() == null)) {
            return RowState.absent();
        }
        return rows.state(row);
    }
}
