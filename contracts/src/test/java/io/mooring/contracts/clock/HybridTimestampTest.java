package io.mooring.contracts.clock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HybridTimestampTest {
    @Test
    void writesTheFormOfTheProtocol() {
        HybridTimestamp at = HybridTimestamp.parse("2026-11-23T01:42:37.297Z-00ff-ABCDEF1234");

        assertThat(at.counter()).isEqualTo(255);
        assertThat(at.writer()).isEqualTo("ABCDEF1234");
        assertThat(at.isoMillis()).isEqualTo("2026-11-23T01:42:37.297Z");
        assertThat(at).hasToString("2026-11-23T01:42:37.297Z-00ff-ABCDEF1234");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "2026-11-23T01:42:37.297Z",
                "2026-11-23T01:42:37.297Z-0000-",
                "2026-11-23T01:42:37.297Z-00FF-A",
                "2026-11-23T01:42:37Z-0000-AAAAAAAAAAAA",
                "2026-13-23T01:42:37.297Z-0000-A",
                "2026-02-29T01:42:37.297Z-0000-A",
                "2026-11-23T24:00:00.000Z-0000-A",
                "2026-11-23 01:42:37.297Z-0000-A",
                "+026-11-23T01:42:37.297Z-0000-A",
                "2026-11-23T01:42:37.297Z-0000-a b"
            })
    void refusesWhatIsNoClock(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> HybridTimestamp.parse(text));
    }

    @Property
    void writesTimesAsTheJdkDoes(@ForAll("timestamps") HybridTimestamp at) {
        String jdk = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'")
                .withZone(ZoneOffset.UTC)
                .format(Instant.ofEpochMilli(at.millis()));

        assertThat(at.isoMillis()).isEqualTo(jdk);
    }

    @Property
    void textSortsAsTimestampsDo(@ForAll("timestamps") HybridTimestamp a, @ForAll("timestamps") HybridTimestamp b) {
        assertThat(Integer.signum(a.toString().compareTo(b.toString()))).isEqualTo(Integer.signum(a.compareTo(b)));
        assertThat(HybridTimestamp.parse(a.toString())).isEqualTo(a);
    }

    @Provide
    static Arbitrary<HybridTimestamp> timestamps() {
        return Combinators.combine(
                        Arbitraries.longs().between(-62_167_219_200_000L, 253_402_300_799_999L),
                        Arbitraries.integers().between(0, HybridTimestamp.MAX_COUNTER),
                        Arbitraries.of("A", "B", "AB", "cloud", "ABCDEF1234"))
                .as(HybridTimestamp::new);
    }
}
