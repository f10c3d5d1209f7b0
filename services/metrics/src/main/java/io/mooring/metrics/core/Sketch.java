package io.mooring.metrics.core;

import com.datadoghq.sketch.ddsketch.DDSketch;
import com.datadoghq.sketch.ddsketch.encoding.ByteArrayInput;
import com.datadoghq.sketch.ddsketch.encoding.GrowingByteArrayOutput;
import com.datadoghq.sketch.ddsketch.mapping.IndexMapping;
import com.datadoghq.sketch.ddsketch.mapping.LogarithmicMapping;
import com.datadoghq.sketch.ddsketch.store.Bin;
import com.datadoghq.sketch.ddsketch.store.CollapsingLowestDenseStore;
import com.datadoghq.sketch.ddsketch.store.SparseStore;
import com.datadoghq.sketch.ddsketch.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * How values are distributed: a DDSketch (Masson, Rim, Lee: "DDSketch", VLDB 2019), whose quantiles are off by at most
 * {@link #ACCURACY} of the value. At most {@link #BINS} bins of each sign; beyond that those nearest to 0 are joined, and
 * only they lose.
 *
 * <p>Bytes of one sketch after those of another are the sketch of both: merging is appending, and whoever reads
 * merges. The mapping of values to bins is part of the code, not of the bytes.
 */
public final class Sketch {
    /** By how much of its value a quantile may be off. */
    public static final double ACCURACY = 0.01;

    /** The most bins of each sign that are kept. */
    public static final int BINS = 1024;

    private static final IndexMapping MAPPING = new LogarithmicMapping(ACCURACY);
    private static final int FIRST_CAPACITY = 64;

    private final DDSketch sketch;

    private Sketch(DDSketch sketch) {
        this.sketch = sketch;
    }

    /** An empty one that keeps every bin: for the few values of a batch. */
    static Sketch ofFew() {
        return new Sketch(new DDSketch(MAPPING, SparseStore::new));
    }

    /**
     * The sketch that bytes say, be they of one or of many.
     *
     * @throws IllegalArgumentException if they are of none
     */
    public static Sketch of(byte[] bytes) {
        Sketch whole = new Sketch(new DDSketch(MAPPING, () -> new CollapsingLowestDenseStore(BINS)));
        whole.add(bytes);
        return whole;
    }

    void add(double value) {
        sketch.accept(value);
    }

    void add(double value, long count) {
        sketch.accept(value, count);
    }

    void add(byte[] bytes) {
        try {
            sketch.decodeAndMergeWith(ByteArrayInput.wrap(bytes));
        } catch (IOException broken) {
            throw new IllegalArgumentException("no sketch", broken);
        }
    }

    /** Its bytes. */
    public byte[] bytes() {
        GrowingByteArrayOutput out = GrowingByteArrayOutput.withInitialCapacity(FIRST_CAPACITY);
        try {
            sketch.encode(out, true);
        } catch (IOException impossible) {
            throw new IllegalStateException("memory takes any bytes", impossible);
        }
        return out.trimmedCopy();
    }

    /** The value below which this share of all values lies, from 0 to 1. */
    public double quantile(double share) {
        return sketch.getValueAtQuantile(share);
    }

    /**
     * A value and how often it was there.
     *
     * @param value the middle of a bin
     */
    public record Weighted(double value, double count) {}

    /** All of it, from the lowest value to the highest. */
    public List<Weighted> values() {
        List<Weighted> values = new ArrayList<>();
        add(values, sketch.getNegativeValueStore(), true);
        double rest = sketch.getCount()
                - sketch.getNegativeValueStore().getTotalCount()
                - sketch.getPositiveValueStore().getTotalCount();
        if (rest > 0) {
            values.add(new Weighted(0, rest));
        }
        add(values, sketch.getPositiveValueStore(), false);
        return values;
    }

    private static void add(List<Weighted> values, Store store, boolean negative) {
        Iterator<Bin> bins = negative ? store.getDescendingIterator() : store.getAscendingIterator();
        while (bins.hasNext()) {
            Bin bin = bins.next();
            double value = MAPPING.value(bin.getIndex());
            values.add(new Weighted(negative ? -value : value, bin.getCount()));
        }
    }
}
