package io.mooring.metrics.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.mooring.metrics.core.DatumPacker.Packed;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Windows become what CloudWatch takes. */
class DatumPackerTest {
    @Property(tries = 40)
    void everyRequestKeepsAllLimitsAndNothingIsLost(@ForAll long seed) {
        Random random = new Random(seed);
        boolean wide = random.nextBoolean();
        List<Datum> data = new ArrayList<>();
        DatumPacker packer = new DatumPacker();
        List<Packed> packed = new ArrayList<>();
        for (int i = 0; i < (wide ? 400 : 2_500); i++) {
            WindowSum sum = new WindowSum();
            for (int j = 0; j < (wide ? 500 : 2); j++) {
                sum.add(Math.exp(random.nextDouble() * 20), 0);
            }
            Datum datum = Datum.of(key("m" + i, Owner.product("P1"), Map.of("n", "v" + i)), 300, sum.window())
                    .orElseThrow();
            data.add(datum);
            packer.add(i % 2 == 0 ? "a" : "b", datum);
            packed.addAll(packer.full());
        }
        packed.addAll(packer.rest());

        for (Packed request : packed) {
            assertThat(request.data()).hasSizeBetween(1, 1_000);
            assertThat(request.data().stream().mapToInt(Datum::bytes).sum()).isLessThanOrEqualTo(1_000_000);
            assertThat(request.data()).allSatisfy(datum -> {
                assertThat(datum.measured().values()).hasSizeBetween(1, Datum.MOST_VALUES);
                assertThat(datum.measured().values().stream()
                                .mapToLong(Measured.Counted::count)
                                .sum())
                        .isEqualTo(wide ? 500 : 2);
            });
        }
        List<Datum> all =
                packed.stream().flatMap(request -> request.data().stream()).toList();
        assertThat(all).hasSameSizeAs(data);
        assertThat(Set.copyOf(all)).isEqualTo(Set.copyOf(data));
    }

    @Test
    void whatItComesToIsExactAndSaysWhoseItIs() {
        WindowSum sum = new WindowSum();
        sum.add(1.5, 1);
        sum.add(4, 2);

        Datum datum = Datum.of(key("m", Owner.device("DEV1"), Map.of("room", "a")), 300, sum.window())
                .orElseThrow();

        assertThat(datum.dimensions()).containsExactly(Map.entry("Device", "DEV1"), Map.entry("room", "a"));
        assertThat(datum.measured().summary()).isEqualTo(new Measured.Summary(2, 5.5, 1.5, 4));
        assertThat(datum.measured().values()).hasSize(2);
        assertThat(datum.measured().values().getFirst().value()).isCloseTo(1.5, within(0.015));
    }

    @Test
    void whatCloudWatchWouldRefuseIsLeftOut() {
        WindowSum sum = new WindowSum();
        sum.add(1, 1);
        Window window = sum.window();

        assertThat(Datum.of(key("grüße", Owner.CLOUD, Map.of()), 0, window)).isEmpty();
        assertThat(Datum.of(key(":m", Owner.CLOUD, Map.of()), 0, window)).isEmpty();
        assertThat(Datum.of(key("m", Owner.CLOUD, Map.of("a", "ü")), 0, window)).isEmpty();
        assertThat(Datum.of(key("m", Owner.product("P1"), Map.of("Product", "P2")), 0, window))
                .isEmpty();
        assertThat(Datum.of(key("m", Owner.CLOUD, Map.of("Product", "P2")), 0, window))
                .isPresent();
    }

    private static SeriesKey key(String metric, Owner owner, Map<String, String> dimensions) {
        return new SeriesKey("main", owner, 0, metric, Dimensions.of(dimensions));
    }
}
