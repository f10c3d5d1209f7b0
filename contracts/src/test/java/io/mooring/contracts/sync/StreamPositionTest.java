package io.mooring.contracts.sync;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamPositionTest {
    @Property
    void textSortsAsPositionsDo(
            @ForAll @IntRange(min = 1, max = 228) int epoch,
            @ForAll @LongRange(min = 0, max = (1L << 40) - 1) long offset,
            @ForAll @IntRange(min = 1, max = 228) int otherEpoch,
            @ForAll @LongRange(min = 0, max = (1L << 40) - 1) long otherOffset) {
        StreamPosition a = new StreamPosition(epoch, offset);
        StreamPosition b = new StreamPosition(otherEpoch, otherOffset);

        assertThat(StreamPosition.parse(a.toString())).contains(a);
        assertThat(Integer.signum(a.toString().compareTo(b.toString()))).isEqualTo(Integer.signum(a.compareTo(b)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"1970-01-01T00:00:00.000Z", "2026-11-23T01:42:37.297Z", "", "now", "+10000-01-01T00:00:00Z"})
    void realTimesAndNonsenseAreNoPositions(String text) {
        assertThat(StreamPosition.parse(text)).isEmpty();
    }
}
