package io.mooring.bridge.limits;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PaceTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    @Test
    void letsTenSecondsWorthPassAtOnceWarningHalfWay() {
        Pace pace = new Pace(10, 0);
        for (int i = 0; i < 50; i++) {
            assertThat(pace.next(0)).isEqualTo(Pace.Verdict.FINE);
        }
        assertThat(pace.next(0)).isEqualTo(Pace.Verdict.WARN);
        for (int i = 51; i < 100; i++) {
            assertThat(pace.next(0)).isEqualTo(Pace.Verdict.FINE);
        }
        assertThat(pace.next(0)).isEqualTo(Pace.Verdict.REFUSE);
    }

    @Test
    void letsTheRatePassForEver() {
        Pace pace = new Pace(10, 0);
        for (int i = 0; i < 10_000; i++) {
            assertThat(pace.next(i * SECOND / 10)).isEqualTo(Pace.Verdict.FINE);
        }
    }

    @Test
    void goesOnAfterAPause() {
        Pace pace = new Pace(1, 0);
        for (int i = 0; i < 10; i++) {
            pace.next(0);
        }
        assertThat(pace.next(0)).isEqualTo(Pace.Verdict.REFUSE);
        assertThat(pace.next(2 * SECOND)).isNotEqualTo(Pace.Verdict.REFUSE);
    }
}
