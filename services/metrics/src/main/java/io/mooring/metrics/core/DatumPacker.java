package io.mooring.metrics.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Packs data into requests within CloudWatch's limits (API reference, PutMetricData); each request is of one namespace. */
public final class DatumPacker {
    private static final int MOST_DATA = 1_000;
    private static final int MOST_BYTES = 1_000_000;

    private final Map<String, List<Datum>> open = new TreeMap<>();
    private final Map<String, Integer> sizes = new TreeMap<>();
    private final List<Packed> done = new ArrayList<>();

    /** What one request puts. */
    public record Packed(String namespace, List<Datum> data) {
        public Packed {
            data = List.copyOf(data);
        }
    }

    /** One more. */
    public void add(String namespace, Datum datum) {
        List<Datum> data = open.getOrDefault(namespace, List.of());
        if (data.size() == MOST_DATA || sizes.getOrDefault(namespace, 0) + datum.bytes() > MOST_BYTES) {
            done.add(new Packed(namespace, data));
            open.remove(namespace);
            sizes.remove(namespace);
        }
        open.computeIfAbsent(namespace, name -> new ArrayList<>()).add(datum);
        sizes.merge(namespace, datum.bytes(), Integer::sum);
    }

    /** Those requests that are full; they are forgotten here. */
    public List<Packed> full() {
        List<Packed> full = List.copyOf(done);
        done.clear();
        return full;
    }

    /** The others. */
    public List<Packed> rest() {
        List<Packed> rest = new ArrayList<>(full());
        open.forEach((namespace, data) -> rest.add(new Packed(namespace, data)));
        open.clear();
        sizes.clear();
        return rest;
    }
}
