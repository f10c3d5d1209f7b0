package io.mooring.contracts.clock;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class HybridClockTest {
    @Property
    void risesWhateverTheWallClockDoes(
            @ForAll @Size(max = 50) java.util.List<@IntRange(min = -5, max = 5) Integer> steps) {
        AtomicLong wall = new AtomicLong(1_000_000);
        HybridClock clock = new HybridClock("A", wall::get);
        HybridTimestamp last = clock.next();
        for (int step : steps) {
            wall.addAndGet(step);
            HybridTimestamp next = clock.next();
            assertThat(next).isGreaterThan(last);
            last = next;
        }
    }

    @Test
    void goesOnWithTheNextMillisecondWhenTheCounterIsFull() {
        HybridClock clock = new HybridClock("A", () -> 5);
        clock.observe(new HybridTimestamp(5, HybridTimestamp.MAX_COUNTER, "B"));

        assertThat(clock.next()).isEqualTo(new HybridTimestamp(6, 0, "A"));
    }

    @Test
    void exceedsWhatItObserved() {
        HybridClock clock = new HybridClock("A", () -> 5);
        HybridTimestamp seen = new HybridTimestamp(9, 3, "Z");
        clock.observe(seen);

        assertThat(clock.next()).isGreaterThan(seen);
    }
}
