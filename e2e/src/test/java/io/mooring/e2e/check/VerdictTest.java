package io.mooring.e2e.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.e2e.check.SimulatedCloud.Bug;
import io.mooring.e2e.verdict.Verdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** The checker, checked: it finds nothing where nothing is wrong, and every bug that is put in on purpose. */
class VerdictTest {
    private static final int SEEDS_WITHOUT_A_BUG = 12;
    /**
     * A small run may overwrite what went wrong before anybody could tell. Of a hundred runs with the shyest bug 63 showed it, so
     * that a checker that sees it overlooks it in this many never.
     */
    private static final int SEEDS_WITH_A_BUG = 50;

    @TempDir
    Path folder;

    @Test
    void findsNothingWhereNothingIsWrong() throws Exception {
        for (long seed : seeds(SEEDS_WITHOUT_A_BUG).toArray()) {
            Verdict verdict = run(Bug.NONE, seed);

            assertThat(verdict.failures()).as("seed %d", seed).isEmpty();
            assertThat(verdict.acknowledged()).as("seed %d", seed).isPositive();
            assertThat(verdict.conflicts()).as("seed %d", seed).isPositive();
        }
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
    void findsTheBug(Bug bug) {
        assertThat(seeds(SEEDS_WITH_A_BUG))
                .as("seeds with %s", bug)
                .anyMatch(seed -> !run(bug, seed).failures().isEmpty());
    }

    private Verdict run(Bug bug, long seed) {
        try {
            return SimulatedCloud.run(bug, seed, folder.resolve(bug + "-" + seed + ".jsonl"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static LongStream seeds(int count) {
        long first = new SecureRandom().nextInt(1_000_000);
        return LongStream.range(first, first + count);
    }
}
