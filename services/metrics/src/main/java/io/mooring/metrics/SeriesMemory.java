package io.mooring.metrics;

import io.mooring.metrics.core.Dimensions;
import io.mooring.metrics.core.Source;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of series by heart, of so many sources as there is room for: those of the devices that had points last. By
 * device, since what a hundred thousand devices have alike is then there once: some 110 bytes for a source, and 400 for a
 * device. For one thread at a time.
 */
final class SeriesMemory {
    /**
     * What is known of a source.
     *
     * @param day on which it was last noted that it has points
     */
    record Known(List<Long> series, LocalDate day) {}

    private record Device(
            String cloud,
            String id,
            int generation,
            @Nullable String product) {}

    private record Name(String metric, Dimensions dimensions) {}

    /** {@link Known}, in the least space. */
    private static final class Numbers {
        private final long[] series;
        private final LocalDate day;

        Numbers(Known known) {
            series = known.series().stream().mapToLong(Long::longValue).toArray();
            day = known.day();
        }

        Known known() {
            return new Known(Arrays.stream(series).boxed().toList(), day);
        }
    }

    private final int most;
    private final Map<Device, Map<Name, Numbers>> devices = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<Name, Name> names = new HashMap<>();
    private int size;

    /** With room for so many sources; one device's are all there even if they are more. */
    SeriesMemory(int most) {
        this.most = most;
    }

    /** What is known of a source; null if it was never told, or forgotten. */
    @Nullable
    Known get(Source source) {
        Map<Name, Numbers> ofDevice = devices.get(device(source));
        Numbers numbers = ofDevice == null ? null : ofDevice.get(name(source));
        return numbers == null ? null : numbers.known();
    }

    /** Remembers a source, and forgets those of the devices that had no points for longest, if there is no room. */
    void put(Source source, List<Long> series, LocalDate day) {
        Numbers numbers = new Numbers(new Known(series, day));
        Map<Name, Numbers> ofDevice = devices.computeIfAbsent(device(source), device -> new HashMap<>());
        if (ofDevice.put(theOne(name(source)), numbers) == null) {
            size++;
        }
        Iterator<Map<Name, Numbers>> eldest = devices.values().iterator();
        while (size > most && devices.size() > 1) {
            size -= eldest.next().size();
            eldest.remove();
        }
    }

    /** How many sources are known. */
    int size() {
        return size;
    }

    private Name theOne(Name name) {
        if (names.size() > most) {
            names.clear();
        }
        return names.computeIfAbsent(name, same -> same);
    }

    private static Device device(Source source) {
        return new Device(source.cloud(), source.device(), source.generation(), source.product());
    }

    private static Name name(Source source) {
        return new Name(source.metric(), source.dimensions());
    }
}
