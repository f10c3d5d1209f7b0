package io.mooring.e2e.check;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.e2e.verdict.Verdict;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * A short check with devices that are wrong on purpose, which must be found; with {@code -Dmooring.long=true} also
 * {@code ./mooring check-sync} itself, with a fresh seed. A seed again with {@code -Dmooring.seed=N}.
 */
class CheckSyncIT {
    private static final boolean LONG = Boolean.getBoolean("mooring.long");
    private static final Duration TROUBLE = LONG ? Duration.ofMinutes(2) : Duration.ofSeconds(12);
    private static final Duration NO_TROUBLE = Duration.ofSeconds(5);
    private static final Duration NEVER_TO_AGREE = Duration.ofSeconds(20);

    private static CheckedCloud cloud;

    @TempDir
    private static Path folder;

    @BeforeAll
    static void start() throws Exception {
        cloud = CheckedCloud.start(null);
    }

    @AfterAll
    static void stop() throws Exception {
        cloud.close();
    }

    // Not in every build yet: with base-protocol devices whose clocks are off it still finds a row that does not
    // settle.
    @EnabledIfSystemProperty(named = "mooring.long", matches = "true")
    @Test
    void keepsItsPromisesWhateverBreaks() throws Exception {
        CheckRun.Size size = LONG ? CheckRun.Size.of(new Chance(seed())) : new CheckRun.Size(3, 1, 1, 2);

        Verdict verdict = run(size, number -> new IotoRows(), TROUBLE, CheckRun.HEALED, true);

        assertThat(verdict.failures()).as("seed %d", verdict.seed()).isEmpty();
        assertThat(verdict.acknowledged()).isPositive();
    }

    @Test
    void findsDevicesThatAreWrong() throws Exception {
        Map<Integer, IotoRows> devices = Map.of(
                0, new ForgetsRemovals(), 1, LONG ? new TakesWhatComesLast() : new IotoRows(), 2, new IotoRows());

        Verdict verdict =
                run(new CheckRun.Size(0, 0, 3, 2), devices::get, LONG ? TROUBLE : NO_TROUBLE, NEVER_TO_AGREE, false);

        assertThat(verdict.failures())
                .as("seed %d", verdict.seed())
                .anySatisfy(
                        failure -> assertThat(failure).startsWith("device I0").contains("it is not there, and there"));
        if (LONG) { // in a few seconds it may happen to be told nothing out of order
            assertThat(verdict.failures())
                    .anySatisfy(failure -> assertThat(failure).startsWith("device I1"));
        }
        assertThat(verdict.failures())
                .noneSatisfy(failure -> assertThat(failure).startsWith("device I2"));
    }

    private static long seed() {
        return Long.getLong("mooring.seed", new SecureRandom().nextInt(1, 1_000_000_000));
    }

    private static Verdict run(
            CheckRun.Size size, IntFunction<IotoRows> iotos, Duration time, Duration healed, boolean breaks)
            throws Exception {
        long seed = seed();
        System.out.println("check-sync: seed=" + seed);
        Path file = folder.resolve("history-" + seed + ".jsonl");
        try (History history = new History(file);
                CheckRun run = new CheckRun(cloud, history, seed, new Progress(System.out, false))) {
            run.join(seed, size, iotos::apply);
            run.trouble(time, breaks);
            run.settle(healed);
        }
        return Verdict.of(file);
    }

    /** The bug in the books: a removal is told, and not heeded. */
    private static final class ForgetsRemovals extends IotoRows {
        @Override
        void take(ObjectNode row, boolean removal) {
            if (!removal) {
                super.take(row, false);
            }
        }
    }

    /** Takes whatever it is told, however old. */
    private static final class TakesWhatComesLast extends IotoRows {
        @Override
        void take(ObjectNode row, boolean removal) {
            String sk = row.path("sk").asText();
            // What it wrote itself waits no more: it forgets to tell.
            keep(sk, removal ? null : row, row.path("updated").asText());
        }
    }
}
