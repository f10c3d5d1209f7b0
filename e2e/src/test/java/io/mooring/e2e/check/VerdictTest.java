package io.mooring.e2e.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.e2e.check.SimulatedCloud.Bug;
import io.mooring.e2e.verdict.Verdict;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The checker, checked: it finds nothing where nothing is wrong, and every bug that is put in on purpose. */
class VerdictTest {
    private static final int SEEDS = 6;
    /** What goes wrong in one run in twenty is overwritten before anybody could tell. */
    private static final int FOUND_AT_LEAST = SEEDS / 2;

    @ParameterizedTest
    @EnumSource
    void findsTheBugAndNothingElse(Bug bug, @TempDir Path folder) throws Exception {
        long first = new SecureRandom().nextInt(1_000_000);
        int found = 0;
        for (long seed = first; seed < first + SEEDS; seed++) {
            Verdict verdict = SimulatedCloud.run(bug, seed, folder.resolve(bug + "-" + seed + ".jsonl"));

            if (bug == Bug.NONE) {
                assertThat(verdict.failures()).as("seed %d", seed).isEmpty();
                assertThat(verdict.acknowledged()).isPositive();
                assertThat(verdict.conflicts()).isPositive();
            } else if (!verdict.failures().isEmpty()) {
                found++;
            }
        }
        assertThat(found)
                .as("of %d seeds from %d with %s", SEEDS, first, bug)
                .isGreaterThanOrEqualTo(bug == Bug.NONE ? 0 : FOUND_AT_LEAST);
    }
}
