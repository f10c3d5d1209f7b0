package io.mooring.agent.log;

import io.mooring.agent.spool.BatchSender;
import io.mooring.agent.spool.BatchSpool;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Captures what it is told to, and sends it until the cloud has it. */
public final class LogCollector implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LogCollector.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final long QUIET_MILLIS = 500;

    private final LogSettings settings;
    private final BatchSpool batches;
    private final LogSpool spool;
    private final BatchSender sender;
    private final Consumer<String> trouble;
    private final Clock clock;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final List<Thread> threads = new ArrayList<>();
    private final List<ProgramTail> programs = new ArrayList<>();

    private LogCollector(
            LogSettings settings,
            BatchSpool batches,
            BatchSender.Exchange exchange,
            Consumer<String> trouble,
            Clock clock) {
        this.settings = settings;
        this.batches = batches;
        this.spool = new LogSpool(batches);
        this.sender = new BatchSender(batches, "lines", exchange, trouble);
        this.trouble = trouble;
        this.clock = clock;
    }

    /**
     * Begins.
     *
     * @param folder where lines wait
     * @param trouble hears what goes wrong
     */
    public static LogCollector start(
            LogSettings settings, Path folder, BatchSender.Exchange exchange, Consumer<String> trouble, Clock clock)
            throws IOException {
        LogCollector collector =
                new LogCollector(settings, BatchSpool.open(folder, settings.spoolBytes()), exchange, trouble, clock);
        collector.begin();
        return collector;
    }

    private void begin() {
        for (LogSettings.Source each : settings.sources()) {
            LogSource source = new LogSource(each, spool, clock);
            switch (each.origin()) {
                case LogSettings.Origin.TextFile file -> thread(each.name(), () -> follow(source, file));
                case LogSettings.Origin.Program program ->
                    program(each.name(), new ProgramTail(source, program.command(), false, clock));
                case LogSettings.Origin.Journal journal ->
                    program(each.name(), new ProgramTail(source, journal.command(), true, clock));
                case LogSettings.Origin.Own own -> OwnLog.to(source);
            }
        }
        thread("seals", this::seal);
        thread("sends", sender);
    }

    private void program(String name, ProgramTail program) {
        programs.add(program);
        thread(name, () -> run(name, program));
    }

    private void thread(String name, Runnable work) {
        // Reading files and pipes holds on to a thread of the system's; one of its own does not starve others.
        threads.add(Thread.ofPlatform().daemon().name("log " + name).start(work));
    }

    /** Waits; false if it is to end. */
    private boolean pause(Duration time) {
        try {
            return !stopping.await(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void follow(LogSource source, LogSettings.Origin.TextFile origin) {
        try (FileTail tail = new FileTail(source, origin)) {
            boolean told = false;
            do {
                try {
                    while (tail.poll() && stopping.getCount() > 0) {
                        told = false;
                    }
                    source.quiet(QUIET_MILLIS);
                } catch (IOException unreadable) {
                    if (!told) {
                        trouble.accept(origin.path() + " cannot be read: " + unreadable);
                        told = true;
                    }
                    tail.close();
                }
            } while (pause(POLL));
        } catch (IOException ending) {
            LOG.debug("{} could not be closed", origin.path(), ending);
        }
    }

    private void run(String name, ProgramTail program) {
        Duration wait = FIRST_PAUSE;
        do {
            long began = System.nanoTime();
            try {
                program.run();
            } catch (IOException failed) {
                trouble.accept("the program of " + name + " cannot be run: " + failed.getMessage());
            } catch (InterruptedException ending) {
                Thread.currentThread().interrupt();
                return;
            }
            boolean ranLong = System.nanoTime() - began > LONGEST_PAUSE.toNanos();
            wait = ranLong ? FIRST_PAUSE : shorter(wait.multipliedBy(2), LONGEST_PAUSE);
        } while (pause(wait));
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private void seal() {
        Duration look = shorter(settings.gathering(), POLL);
        long sealed = System.nanoTime();
        boolean goesOn;
        do {
            goesOn = pause(look);
            if (!goesOn || System.nanoTime() - sealed > settings.gathering().toNanos()) {
                try {
                    spool.seal();
                } catch (IOException full) {
                    trouble.accept("logs cannot be written to the disk: " + full);
                }
                sealed = System.nanoTime();
            }
        } while (goesOn);
    }

    /** The cloud can be reached again. */
    public void connected() {
        sender.wake();
    }

    /** Drops all that waits: nobody may have it any more. */
    public void forget() throws IOException {
        spool.forget();
    }

    /** How many batches wait for the cloud. */
    public int waiting() {
        return batches.waiting();
    }

    /** Ends; what was captured stays on the disk until another time. */
    @Override
    public void close() {
        OwnLog.to(null);
        stopping.countDown();
        programs.forEach(ProgramTail::stop);
        for (Thread thread : threads) {
            if (thread.getName().equals("log sends")) {
                thread.interrupt();
            }
            try {
                thread.join(Duration.ofSeconds(2));
            } catch (InterruptedException ending) {
                Thread.currentThread().interrupt();
            }
        }
        try {
            spool.seal();
        } catch (IOException full) {
            LOG.warn("Logs could not be written to the disk", full);
        }
    }
}
