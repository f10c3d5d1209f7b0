package io.mooring.devstack.launcher.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BackOffTest {
    private static final Duration SHORT = Duration.ofSeconds(1);

    @Test
    void doublesUpToTenSeconds() {
        BackOff backOff = BackOff.NONE;
        long[] expected = {200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000};
        for (long millis : expected) {
            backOff = backOff.died(SHORT);
            assertThat(backOff.pause()).isEqualTo(Duration.ofMillis(millis));
        }
        for (int death = 0; death < 1_000; death++) {
            backOff = backOff.died(SHORT);
        }
        assertThat(backOff.pause()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void startsOverForOneThatRanAWhile() {
        BackOff tried = BackOff.NONE.died(SHORT).died(SHORT).died(SHORT);

        assertThat(tried.died(Duration.ofMinutes(2)).pause()).isEqualTo(Duration.ofMillis(200));
    }

    @Test
    void doesNotWaitBeforeTheFirstDeath() {
        assertThat(BackOff.NONE.pause()).isZero();
    }
}
