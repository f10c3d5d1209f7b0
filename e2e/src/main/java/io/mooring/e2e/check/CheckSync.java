package io.mooring.e2e.check;

import io.mooring.e2e.verdict.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The program behind {@code ./mooring check-sync}. Its last line is {@code check-sync: OK …} or {@code check-sync: FAILED
 * …}; the exit code is 0, 1 if a promise was broken, 2 if it was called wrongly.
 */
@Command(
        name = "check-sync",
        mixinStandardHelpOptions = true,
        description =
                "Breaks a cloud of its own in every way while devices and SQL write, and checks what sync promises.")
public final class CheckSync implements Callable<Integer> {
    private static final int MOST_SHOWN = 20;
    private static final double MOST_MINUTES = 24 * 60;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "What the run is made of; the same seed chooses the same again. A fresh one if not given.")
    private @Nullable Long seed;

    @Option(
            names = "--minutes",
            paramLabel = "M",
            defaultValue = "2",
            description = "How long all write and everything breaks (default: ${DEFAULT-VALUE}).")
    private double minutes;

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "1",
            description = "So many runs in one cloud, of seed S and those after it (default: ${DEFAULT-VALUE}).")
    private int runs;

    @Option(
            names = "--history",
            paramLabel = "FILE",
            description = "Where to write what happened, a JSON object a line.")
    private @Nullable Path history;

    @Option(names = "--keep", description = "Keep the history also if all is well, and the cloud's data and logs.")
    private boolean keep;

    @Option(names = "--verify", paramLabel = "FILE", description = "Run nothing: check a history again.")
    private @Nullable Path verify;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new CheckSync()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        if (minutes <= 0 || minutes > MOST_MINUTES) {
            System.err.println("check-sync: --minutes is more than 0 and at most " + MOST_MINUTES);
            return 2;
        }
        if (runs < 1 || (runs > 1 && history != null)) {
            System.err.println("check-sync: --runs is at least 1, and 1 with --history, which names one file");
            return 2;
        }
        long begin = System.nanoTime();
        if (verify != null) {
            try {
                return report(Verdict.of(verify), verify, begin);
            } catch (IOException e) {
                System.out.println("check-sync: FAILED " + e.getMessage());
                return 1;
            }
        }
        return run(begin);
    }

    private int run(long begin) throws Exception {
        // Small enough to be typed again.
        long chosen = seed == null ? new SecureRandom().nextInt(1, 1_000_000_000) : seed;
        Progress progress = new Progress(System.err, System.console() != null);
        Path data = keep ? Path.of("check-sync-" + chosen + "-data").toAbsolutePath() : null;
        progress.say("a cloud of its own is started");
        int code = 0;
        try (CheckedCloud cloud = CheckedCloud.start(data)) {
            long since = begin;
            for (int i = 0; i < runs; i++) {
                code = Math.max(code, run(cloud, chosen + i, progress, since));
                since = System.nanoTime();
            }
        } catch (InterruptedException e) {
            System.out.println("check-sync: FAILED seed=" + chosen + " interrupted");
            return 130;
        } catch (Exception e) {
            e.printStackTrace(System.err);
            System.out.println("check-sync: FAILED seed=" + chosen + " the run itself: " + e);
            return 1;
        }
        return code;
    }

    private int run(CheckedCloud cloud, long chosen, Progress progress, long begin) throws Exception {
        Path file = history == null ? Path.of("check-sync-" + chosen + ".jsonl") : history;
        System.out.println("check-sync: seed=" + chosen + " history=" + file.toAbsolutePath());
        CheckRun.Size size = CheckRun.Size.of(new Chance(chosen).of("size"));
        try (History written = new History(file);
                CheckRun run = new CheckRun(cloud, written, chosen, progress)) {
            run.join(chosen, size, number -> new IotoRows());
            run.trouble(Duration.ofMillis(Math.round(minutes * 60_000)));
            run.settle();
        }
        progress.say("the history is judged");
        int code = report(Verdict.of(file), file, begin);
        if (code == 0 && history == null && !keep) {
            Files.delete(file);
        }
        return code;
    }

    private static int report(Verdict verdict, Path file, long begin) {
        verdict.failures().stream().limit(MOST_SHOWN).forEach(failure -> System.out.println("  " + failure));
        if (verdict.failures().size() > MOST_SHOWN) {
            System.out.println("  and " + (verdict.failures().size() - MOST_SHOWN) + " more");
        }
        boolean good = verdict.failures().isEmpty();
        System.out.printf(
                "check-sync: %s seed=%d devices=%d writes=%d acknowledged=%d conflicts=%d kills=%d cuts=%d seconds=%d%s%n",
                good ? "OK" : "FAILED",
                verdict.seed(),
                verdict.devices(),
                verdict.writes(),
                verdict.acknowledged(),
                verdict.conflicts(),
                verdict.kills(),
                verdict.cuts(),
                (System.nanoTime() - begin) / 1_000_000_000,
                good ? "" : " failures=" + verdict.failures().size() + " history=" + file.toAbsolutePath());
        return good ? 0 : 1;
    }
}
