package io.mooring.metrics.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Windows lose nothing, however they are cut and merged. */
class WindowTest {
    /** However values are cut into windows and merged again, it is as if they had been in one. */
    @Property(tries = 300)
    void mergedWindowsAreAsOneOfAllValues(
            @ForAll @Size(min = 1, max = 200) List<@DoubleRange(min = -1e6, max = 1e6) Double> values,
            @ForAll @IntRange(min = 1, max = 20) int pieces) {
        Window whole = window(values, 0);
        List<Window> cut = new ArrayList<>();
        int size = Math.ceilDiv(values.size(), pieces);
        for (int at = 0; at < values.size(); at += size) {
            cut.add(window(values.subList(at, Math.min(values.size(), at + size)), at));
        }

        Window merged = Window.of(cut);

        assertThat(merged.count()).isEqualTo(whole.count());
        assertThat(merged.sum()).isCloseTo(whole.sum(), within(1e-3));
        assertThat(merged.min()).isEqualTo(whole.min());
        assertThat(merged.max()).isEqualTo(whole.max());
        assertThat(merged.last()).isEqualTo(values.getLast());
        for (Statistic percentile : List.of(Statistic.P50, Statistic.P90, Statistic.P99)) {
            assertThat(merged.value(percentile)).isEqualTo(whole.value(percentile));
        }
    }

    /** As the database merges: bytes after bytes. */
    @Property(tries = 300)
    void bytesOfSketchesAfterEachOtherAreTheSketchOfAll(
            @ForAll @Size(min = 1, max = 50) List<@DoubleRange(min = 0.01, max = 1e6) Double> first,
            @ForAll @Size(min = 1, max = 50) List<@DoubleRange(min = -1e6, max = 0) Double> second) {
        byte[] one = window(first, 0).sketch();
        byte[] other = window(second, 0).sketch();
        byte[] both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        List<Double> all = new ArrayList<>(first);
        all.addAll(second);

        Sketch merged = Sketch.of(both);

        Sketch whole = Sketch.of(window(all, 0).sketch());
        assertThat(merged.values()).isEqualTo(whole.values());
        assertThat(merged.values().stream().mapToDouble(Sketch.Weighted::count).sum())
                .isEqualTo(all.size());
    }

    /** What the paper promises: off by no more than 1 % of the value of that rank. */
    @Property(tries = 300)
    void percentilesAreWithinOnePercent(
            @ForAll @Size(min = 1, max = 300) List<@DoubleRange(min = 0.01, max = 1e5) Double> values) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();

        Window window = window(values, 0);

        for (Statistic percentile : List.of(Statistic.P50, Statistic.P90, Statistic.P99)) {
            double exact = sorted[(int) Math.floor(percentile.share() * (sorted.length - 1))];
            assertThat(window.value(percentile)).isCloseTo(exact, within(exact * 0.0101));
        }
    }

    @Test
    void anEmptyWindowIsZeroWhateverIsAsked() {
        for (Statistic statistic : Statistic.values()) {
            assertThat(Window.EMPTY.value(statistic)).isZero();
        }
    }

    @Test
    void emptyWindowsCountNeitherAsLeastNorAsGreatest() {
        Window some = window(List.of(5.0, 7.0), 0);

        Window merged = Window.of(List.of(Window.EMPTY, some, Window.EMPTY));

        assertThat(merged.min()).isEqualTo(5);
        assertThat(merged.max()).isEqualTo(7);
        assertThat(merged.value(Statistic.AVG)).isEqualTo(6);
    }

    @Test
    void theLastValueIsTheNewestNotTheOneThatCameLast() {
        WindowSum sum = new WindowSum();
        sum.add(1, 2_000);
        sum.add(2, 1_000);

        assertThat(sum.window().last()).isEqualTo(1);
    }

    @Test
    void aWideDistributionStaysSmall() {
        WindowSum sum = new WindowSum();
        for (int i = 0; i < 100_000; i++) {
            sum.add(Math.pow(10, i / 1_000.0 - 50), i);
        }
        Window folded = Window.of(List.of(sum.window(), sum.window()));

        assertThat(folded.count()).isEqualTo(200_000);
        assertThat(folded.sketch().length).isLessThan(10_000);
    }

    private static Window window(List<Double> values, int firstMillis) {
        WindowSum sum = new WindowSum();
        for (int i = 0; i < values.size(); i++) {
            sum.add(values.get(i), firstMillis + i);
        }
        return sum.window();
    }
}
