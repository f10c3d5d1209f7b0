package io.mooring.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.metrics.SeriesMemory.Known;
import io.mooring.metrics.core.Dimensions;
import io.mooring.metrics.core.Source;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SeriesMemoryTest {
    private static final LocalDate TODAY = LocalDate.of(2026, 11, 28);
    private final SeriesMemory memory = new SeriesMemory(6);

    private static Source source(String device, int generation, String metric, Map<String, String> dimensions) {
        return new Source("main", device, generation, "thermostat", metric, Dimensions.of(dimensions));
    }

    private static Source source(String device, String metric) {
        return source(device, 0, metric, Map.of());
    }

    @Test
    void tellsSourcesApartByAllThatMakesThem() {
        memory.put(source("A", "heat"), List.of(1L, 2L, 3L), TODAY);
        memory.put(source("A", 0, "heat", Map.of("room", "hall")), List.of(4L, 2L, 3L), TODAY);
        memory.put(source("A", 1, "heat", Map.of()), List.of(5L, 2L, 3L), TODAY.plusDays(1));

        assertThat(memory.get(source("A", "heat"))).isEqualTo(new Known(List.of(1L, 2L, 3L), TODAY));
        assertThat(memory.get(source("A", 0, "heat", Map.of("room", "hall"))))
                .isEqualTo(new Known(List.of(4L, 2L, 3L), TODAY));
        assertThat(memory.get(source("A", 1, "heat", Map.of())))
                .isEqualTo(new Known(List.of(5L, 2L, 3L), TODAY.plusDays(1)));
        assertThat(memory.get(source("A", "cold"))).isNull();
        assertThat(memory.get(new Source("main", "A", 0, null, "heat", Dimensions.NONE)))
                .isNull();
        assertThat(memory.get(new Source("other", "A", 0, "thermostat", "heat", Dimensions.NONE)))
                .isNull();
    }

    @Test
    void remembersTheNewestOfASourceOnce() {
        memory.put(source("A", "heat"), List.of(1L), TODAY);
        memory.put(source("A", "heat"), List.of(1L), TODAY.plusDays(1));

        assertThat(memory.size()).isEqualTo(1);
        assertThat(memory.get(source("A", "heat"))).isEqualTo(new Known(List.of(1L), TODAY.plusDays(1)));
    }

    @Test
    void forgetsTheDevicesThatHadNoPointsForLongest() {
        for (String device : List.of("A", "B", "C")) {
            memory.put(source(device, "heat"), List.of(1L), TODAY);
            memory.put(source(device, "cold"), List.of(2L), TODAY);
        }
        assertThat(memory.get(source("A", "heat"))).isNotNull();

        memory.put(source("D", "heat"), List.of(3L), TODAY);

        assertThat(memory.size()).isEqualTo(5);
        assertThat(memory.get(source("B", "heat"))).isNull();
        assertThat(memory.get(source("B", "cold"))).isNull();
        assertThat(memory.get(source("A", "cold"))).isNotNull();
        assertThat(memory.get(source("C", "cold"))).isNotNull();
    }

    @Test
    void knowsAllOfOneDeviceEvenIfThereAreMore() {
        for (int i = 0; i < 20; i++) {
            memory.put(source("A", "metric" + i), List.of((long) i), TODAY);
        }

        assertThat(memory.size()).isEqualTo(20);
        memory.put(source("B", "heat"), List.of(99L), TODAY);
        assertThat(memory.size()).isEqualTo(1);
    }
}
