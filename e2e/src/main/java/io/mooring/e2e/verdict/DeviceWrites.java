package io.mooring.e2e.verdict;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.sync.RowClock;
import io.mooring.contracts.sync.RowState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What applications on devices wrote: each write must have gone up, or a later one in its place, or have been beaten
 * before it could. What a device lost with its memory is not counted, unless it had gone up.
 */
final class DeviceWrites {
    /**
     * A write.
     *
     * @param wholeRows whether the device merges whole rows by their times: a later one of a few fields beats all of it
     * @param exact whether no other write of the device can bear the same clock
     */
    private record Write(RowState<JsonNode> state, boolean wholeRows, boolean exact) {
        RowClock clock() {
            return state.clock();
        }
    }

    private static final SortedMap<String, JsonNode> NOTHING = new TreeMap<>();

    private final Map<String, Map<RowName, List<Write>>> writes = new HashMap<>();
    private final Map<String, Map<RowName, RowClock>> sent = new HashMap<>();
    private final Set<String> reborn = new HashSet<>();

    /** @param wholeRows whether the device keeps no clocks of fields */
    void wrote(String device, RowName name, RowState<JsonNode> state, boolean wholeRows) {
        writes.computeIfAbsent(device, id -> new HashMap<>())
                .computeIfAbsent(name, row -> new ArrayList<>())
                .add(new Write(state, wholeRows, !wholeRows && !reborn.contains(device)));
    }

    /** The device was wiped, or is what it was before. */
    void forget(String device) {
        writes.remove(device);
        // It may use a clock a second time that it used in the life it does not remember.
        reborn.add(device);
    }

    /** A change was seen to arrive, with the clocks that the device gave it. */
    void sent(String device, SentChange change) {
        sent.computeIfAbsent(device, id -> new HashMap<>())
                .merge(change.name(), change.claimed(), DeviceWrites::latest);
    }

    private static RowClock latest(RowClock one, RowClock other) {
        return Rows.merged(new RowState<>(one, NOTHING), new RowState<>(other, NOTHING))
                .clock();
    }

    /** Writes that nothing is left of, in words. */
    List<String> lost(Map<RowName, RowState<JsonNode>> expected) {
        List<String> lost = new ArrayList<>();
        writes.forEach((device, rows) -> rows.forEach((name, all) -> {
            RowClock went = sent.getOrDefault(device, Map.of()).getOrDefault(name, RowClock.NEVER);
            RowState<JsonNode> stands = expected.getOrDefault(name, RowState.absent());
            for (Write write : all) {
                if (write.wholeRows() && isBeaten(write.clock(), stands.clock())) {
                    continue;
                }
                String missing = missing(device, write, went, stands);
                if (!missing.isEmpty()) {
                    lost.add("device " + device + " wrote " + name + ", and " + missing);
                }
            }
        }));
        return lost;
    }

    private static boolean isBeaten(RowClock write, RowClock stands) {
        HybridTimestamp latest = stands.latest();
        HybridTimestamp written = write.latest();
        return latest != null && written != null && latest.compareTo(written) > 0;
    }

    private static String missing(String device, Write write, RowClock went, RowState<JsonNode> stands) {
        HybridTimestamp removed = own(device, write.clock().removed());
        if (removed != null
                && !covers(went.removed(), removed)
                && !covers(went.base(), removed)
                && !covers(stands.clock().removed(), removed)
                && !covers(stands.clock().base(), removed)) {
            return "its removal at " + removed + " is lost";
        }
        HybridTimestamp base = own(device, write.clock().base());
        if (base != null && !covered("*", base, went) && !covered("*", base, stands.clock())) {
            return "the row of " + base + " is lost";
        }
        for (var field : write.clock().fields().entrySet()) {
            HybridTimestamp at = own(device, field.getValue());
            if (at != null && !covered(field.getKey(), at, went) && !covered(field.getKey(), at, stands.clock())) {
                return field.getKey() + " of " + at + " is lost";
            }
        }
        return write.exact() ? wrong(write, stands) : "";
    }

    /** What stands with the write's own clock must be what it wrote. */
    private static String wrong(Write write, RowState<JsonNode> stands) {
        for (var value : write.state().values().entrySet()) {
            HybridTimestamp at = write.clock().of(value.getKey());
            if (at != null
                    && at.equals(stands.clock().of(value.getKey()))
                    && !value.getValue().equals(stands.values().get(value.getKey()))) {
                return value.getKey() + " of " + at + " is " + stands.values().get(value.getKey()) + ", not "
                        + value.getValue();
            }
        }
        return "";
    }

    private static boolean covered(String field, HybridTimestamp at, RowClock by) {
        HybridTimestamp own = field.equals("*") ? null : by.fields().get(field);
        return covers(own, at) || covers(by.base(), at) || covers(by.removed(), at);
    }

    private static boolean covers(@Nullable HybridTimestamp later, HybridTimestamp at) {
        return later != null && later.compareTo(at) >= 0;
    }

    private static @Nullable HybridTimestamp own(String device, @Nullable HybridTimestamp at) {
        return at != null && at.writer().equals(device) ? at : null;
    }
}
