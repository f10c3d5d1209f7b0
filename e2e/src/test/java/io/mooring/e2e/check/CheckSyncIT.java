package io.mooring.e2e.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.e2e.OwnCloud;
import io.mooring.e2e.verdict.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * A short {@code ./mooring check-sync} with a fresh seed, and devices that are wrong on purpose, which it must find. A seed
 * again with {@code -Dmooring.seed=N}; histories are left in {@code target/check-sync}.
 */
@OwnCloud
class CheckSyncIT {
    private static final Duration TROUBLE = Duration.ofSeconds(12);
    /** How long a wrong device may take to be told what it takes wrongly: usually a few seconds. */
    private static final Duration TO_BE_WRONG = Duration.ofSeconds(60);

    private static final Path HISTORIES = Path.of("target", "check-sync");
    /** So many, that one writer who comes along later cannot put them all right again. */
    private static final int WRONG_ROWS = 3;

    private static final int MOST_RUNS = 4;

    private static CheckedCloud cloud;

    private long seed = Long.getLong("mooring.seed", new SecureRandom().nextInt(1, 1_000_000_000));

    @BeforeAll
    static void start() throws Exception {
        Files.createDirectories(HISTORIES);
        cloud = CheckedCloud.startBrief();
    }

    @AfterAll
    static void stop() throws Exception {
        if (cloud != null) {
            cloud.close();
        }
    }

    @Test
    void keepsItsPromisesWhateverBreaks() throws Exception {
        System.out.println("check-sync: seed=" + seed);
        Path file = history("promises");
        try (History history = new History(file);
                CheckRun run = new CheckRun(cloud, history, seed, new Progress(System.out, false))) {
            run.join(seed, new CheckRun.Size(3, 1, 1, 2), number -> new IotoRows());
            run.trouble(TROUBLE);
            run.settle();
        }

        Verdict verdict = Verdict.of(file);

        assertThat(verdict.failures()).as("seed %d", seed).isEmpty();
        assertThat(verdict.acknowledged()).isPositive();
        // Of the devices with our agent; the judge sees to it that no other was told so.
        assertThat(Files.readString(file)).as("seed %d", seed).contains("\"topic\":\"sync/ROWS\"");
    }

    @Test
    void findsADeviceThatForgetsRemovals() throws Exception {
        Verdict verdict = withOneThatIs(ForgetsRemovals::new);

        assertThat(verdict.failures())
                .as("seed %d", seed)
                .anySatisfy(
                        failure -> assertThat(failure).startsWith("device I0").contains("it is not there, and there"))
                .noneSatisfy(failure -> assertThat(failure).startsWith("device I1"));
    }

    /** In the long run; VerdictTest has the judge find the same bug in miniature. */
    @EnabledIfSystemProperty(named = "mooring.long", matches = "true")
    @Test
    void findsADeviceThatTakesWhatComesLast() throws Exception {
        Verdict verdict = withOneThatIs(TakesWhatComesLast::new);

        assertThat(verdict.failures())
                .as("seed %d", seed)
                .anySatisfy(failure -> assertThat(failure).startsWith("device I0"))
                .noneSatisfy(failure -> assertThat(failure).startsWith("device I1"));
    }

    /**
     * Nothing breaks, and device I0 is wrong; device I1 is right, and is to be in step with the cloud all the same. What I0 has
     * wrong may be put right by what others wrote last: then there is nothing to find, and another seed is taken.
     */
    private Verdict withOneThatIs(Supplier<Wrong> bug) throws Exception {
        for (int run = 0; run < MOST_RUNS; run++) {
            Wrong wrong = bug.get();
            Path file = runWith(wrong);
            if (wrong.count() > 0) {
                return Verdict.of(file);
            }
            seed++;
        }
        return fail("in %d runs up to seed %d device I0 was wrong in nothing that stood", MOST_RUNS, seed);
    }

    private Path runWith(Wrong wrong) throws Exception {
        Path file = history(wrong.getClass().getSimpleName());
        try (History history = new History(file);
                CheckRun run = new CheckRun(cloud, history, seed, new Progress(System.out, false))) {
            run.join(seed, new CheckRun.Size(0, 0, 2, 2), number -> number == 0 ? wrong : new IotoRows());
            run.trouble(TO_BE_WRONG, false, () -> wrong.count() >= WRONG_ROWS);
            run.settle(device -> !device.startsWith("I0"));
        }
        return file;
    }

    private Path history(String what) {
        System.out.println("check-sync: seed=" + seed + " " + what);
        return HISTORIES.resolve(what + "-" + seed + ".jsonl");
    }

    /** Has rows that it should not have, and knows of how many. */
    private abstract static class Wrong extends IotoRows {
        private final Set<String> rows = new HashSet<>();

        synchronized int count() {
            return rows.size();
        }

        /** It has this row wrongly from now on. */
        void isWrong(String sk) {
            rows.add(sk);
        }

        @Override
        synchronized void write(ObjectNode item) {
            super.write(item);
            rows.remove(item.path("sk").asText());
        }

        @Override
        synchronized boolean remove(String sk, String updated) {
            rows.remove(sk);
            return super.remove(sk, updated);
        }

        @Override
        void keep(ObjectNode row, boolean removal) {
            rows.remove(row.path("sk").asText());
            super.keep(row, removal);
        }

        @Override
        synchronized void wipe() {
            rows.clear();
            super.wipe();
        }

        /** Its clock is right, so that what it is told is later than what it has, unless it has just written. */
        @Override
        List<Duration> clocksOff() {
            return List.of(Duration.ZERO);
        }
    }

    /** The bug in the books: a removal is told, and not heeded. */
    private static final class ForgetsRemovals extends Wrong {
        @Override
        void take(ObjectNode row, boolean removal) {
            String sk = row.path("sk").asText();
            if (!removal) {
                super.take(row, false);
            } else if (isLater(sk, row.path("updated").asText())) {
                isWrong(sk);
            }
        }
    }

    /** Takes whatever it is told, however old. */
    private static final class TakesWhatComesLast extends Wrong {
        private static final long SLOW_MILLIS = 6_000;

        private long toldMillis;

        @Override
        void take(ObjectNode row, boolean removal) {
            String sk = row.path("sk").asText();
            boolean older = isEarlier(sk, row.path("updated").asText());
            // What it wrote itself waits no more: it forgets to tell.
            keep(row, removal);
            if (older) {
                isWrong(sk);
            }
        }

        /** It is slow to tell what it wrote, so that others write the same rows meanwhile. */
        @Override
        synchronized List<ObjectNode> due(long seq, long nowMillis, long patience) {
            if (count() < WRONG_ROWS && nowMillis - toldMillis < SLOW_MILLIS) {
                return List.of();
            }
            toldMillis = nowMillis;
            return super.due(seq, nowMillis, patience);
        }

        /** Its clock runs ahead of all others', so that what it wrote is later than what it is told of them. */
        @Override
        List<Duration> clocksOff() {
            return List.of(Duration.ofSeconds(30));
        }
    }
}
