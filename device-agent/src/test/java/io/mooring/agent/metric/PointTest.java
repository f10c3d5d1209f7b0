package io.mooring.agent.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the cloud would refuse is refused here, where the program that says it hears of it. */
class PointTest {
    private static final String DEVICE = "AAAAAAAAAA";
    private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");

    private static Map<String, String> names(int count) {
        Map<String, String> set = new HashMap<>();
        IntStream.range(0, count).forEach(i -> set.put("n" + i, "v"));
        return set;
    }

    static Stream<Arguments> wrong() {
        Map<String, String> valueless = new HashMap<>();
        valueless.put("room", null);
        return Stream.of(
                Arguments.of("", 1.0, List.of(), "1 to 255 characters"),
                Arguments.of("x".repeat(256), 1.0, List.of(), "1 to 255 characters"),
                Arguments.of("a\nb", 1.0, List.of(), "control character"),
                Arguments.of("a\ud800", 1.0, List.of(), "1 to 255 characters"),
                Arguments.of("m", Double.NaN, List.of(), "finite"),
                Arguments.of("m", Double.NEGATIVE_INFINITY, List.of(), "finite"),
                Arguments.of("m", 0x1p361, List.of(), "2^360"),
                Arguments.of("m", 1.0, Collections.nCopies(11, Map.of()), "at most 10 sets"),
                Arguments.of("m", 1.0, List.of(names(11)), "at most 10 dimensions"),
                Arguments.of("m", 1.0, List.of(Map.of("room", "")), "its value 1 to 1024"),
                Arguments.of("m", 1.0, List.of(valueless), "its value 1 to 1024"),
                Arguments.of("m", 1.0, List.of(Map.of("room", "x".repeat(1_025))), "its value 1 to 1024"),
                Arguments.of("m", 1.0, List.of(Map.of("a", "é".repeat(400), "b", "é".repeat(400))), "1500 bytes"),
                Arguments.of("m", 1.0, List.of(Map.of("Device", "BBBBBBBBBB")), "the device itself"));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void refusesWhatTheCloudWould(
            String metric, double value, List<? extends Map<String, String>> dimensions, String why) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Point.Series.of(metric, dimensions, DEVICE).at(value, NOW))
                .withMessageContaining(why);
    }

    @Test
    void aTimeThatNoClockShowsIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Point.Series.of("m", List.of(), DEVICE).at(1, Instant.MAX))
                .withMessageContaining("no clock");
    }

    @Test
    void takesWhatIsJustWithinTheLimits() {
        List<Map<String, String>> sets = List.of(
                Map.of(),
                names(10),
                Map.of("a", "x".repeat(748), "b", "x".repeat(747)),
                Map.of("Device", "${deviceId}"),
                Map.of("Device", DEVICE));

        Point point = Point.Series.of("x".repeat(255), sets, DEVICE).at(-0x1p360, NOW);

        assertThat(point.millis()).isEqualTo(NOW.toEpochMilli());
        assertThat(point.series().dimensions()).isEqualTo(sets);
    }
}
