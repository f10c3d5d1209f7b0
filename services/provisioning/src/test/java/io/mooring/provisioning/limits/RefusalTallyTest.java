package io.mooring.provisioning.limits;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.provisioning.limits.RefusalTally.Kind;
import io.mooring.provisioning.limits.RefusalTally.Untold;
import org.junit.jupiter.api.Test;

class RefusalTallyTest {
    private static final Kind GUESS = new Kind("RegisterDevice", "claim_id_not_issued", "10.0.0.1");

    private final RefusalTally tally = new RefusalTally();

    @Test
    void tellsTheFirstFewAndSumsUpTheRest() {
        assertThat(told(GUESS, 10_000)).isEqualTo(RefusalTally.TOLD_ONE_BY_ONE);
        assertThat(tally.drain()).containsExactly(new Untold(GUESS, 10_000 - RefusalTally.TOLD_ONE_BY_ONE));
        assertThat(tally.drain()).isEmpty();
        assertThat(told(GUESS, 1)).isOne();
    }

    @Test
    void keepsKindsApart() {
        told(GUESS, 100);

        assertThat(told(new Kind("RegisterDevice", "claim_id_not_issued", "10.0.0.2"), 1))
                .isOne();
        assertThat(told(new Kind("EnrolDevice", "unauthorized", "10.0.0.1"), 1)).isOne();
    }

    @Test
    void losesNoneWhereThereAreTooManySources() {
        int sources = 3 * RefusalTally.MAX_KINDS;
        int told = 0;
        for (int i = 0; i < sources; i++) {
            told += told(new Kind("RegisterDevice", "unknown_product", "source " + i), 1);
        }

        assertThat(tally.drain())
                .containsExactly(new Untold(
                        new Kind("RegisterDevice", "unknown_product", RefusalTally.MANY_SOURCES), sources - told));
        assertThat(told).isEqualTo(RefusalTally.MAX_KINDS + RefusalTally.TOLD_ONE_BY_ONE);
    }

    private int told(Kind kind, int times) {
        int told = 0;
        for (int i = 0; i < times; i++) {
            told += tally.add(kind) ? 1 : 0;
        }
        return told;
    }
}
