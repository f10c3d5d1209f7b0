package io.mooring.devstack.launcher.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class DeathTest {
    @Test
    void namesTheLikeliestReason() {
        String sentence = Death.sentence(
                "kafka",
                1,
                List.of("starting", "ERROR cannot write: No space left on device", "ERROR shutting down", "bye"));

        assertThat(sentence).isEqualTo("kafka ended with exit code 1: ERROR cannot write: No space left on device");
    }

    @Test
    void fallsBackToTheLastLine() {
        assertThat(Death.sentence("sync", 3, List.of("one", "two"))).isEqualTo("sync ended with exit code 3: two");
        assertThat(Death.sentence("sync", 3, List.of())).isEqualTo("sync ended with exit code 3");
    }

    @Test
    void looksForNoReasonWhenKilledFromOutside() {
        assertThat(Death.sentence("broker", 137, List.of("ERROR of long ago")))
                .isEqualTo("broker was killed (signal 9)");
        assertThat(Death.sentence("broker", 139, List.of())).isEqualTo("broker was ended by signal 11");
    }
}
