package io.mooring.agent.command;

import io.mooring.agent.Rows;
import io.mooring.agent.command.CommandHandler.Outcome;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does commands as their rows come, each once, one of a kind at a time; other kinds do not wait for it. What was under
 * way when the process died is not begun again: whether it was done nobody knows, and it is said so.
 */
public final class CommandRunner {
    private static final Logger LOG = LoggerFactory.getLogger(CommandRunner.class);
    /** Not woken, it looks all the same: the database may have been locked. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

    private final CommandJournal journal;
    private final Map<String, CommandSettings.Entry> handlers;
    private final Set<String> survive;
    private final Executor executor;
    private final Semaphore wake = new Semaphore(0);
    private final Set<String> busy = ConcurrentHashMap.newKeySet();
    private final Map<String, FutureTask<Outcome>> running = new ConcurrentHashMap<>();
    private volatile boolean stopped;

    /**
     * With who does what.
     *
     * @param survive the names of commands that are done when the process has begun anew, such as {@code reboot}
     */
    public CommandRunner(Rows rows, CommandSettings settings, Set<String> survive, Executor executor) {
        this.journal = new CommandJournal(rows);
        this.handlers = settings.handlers();
        this.survive = Set.copyOf(survive);
        this.executor = executor;
    }

    /** Begins to look for commands. */
    public void start() {
        executor.execute(this::run);
    }

    /** There may be a new one. */
    public void wake() {
        wake.release();
    }

    /** Begins none any more, and interrupts those that are under way. */
    public void stop() {
        stopped = true;
        wake.release();
        running.values().forEach(task -> task.cancel(true));
    }

    private void run() {
        boolean recovered = false;
        while (!stopped) {
            try {
                if (!recovered) {
                    recover();
                    recovered = true;
                }
                look();
                if (wake.tryAcquire(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS)) {
                    wake.drainPermits();
                }
            } catch (InterruptedException e) {
                return;
            } catch (SQLException | RuntimeException e) {
                if (!stopped) {
                    LOG.warn("Commands wait: {}", e.toString());
                    pause();
                }
            }
        }
    }

    private static void pause() {
        try {
            TimeUnit.SECONDS.sleep(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void recover() throws SQLException {
        for (CommandJournal.Begun begun : journal.begun()) {
            if (!journal.isAnswered(begun.id())) {
                if (survive.contains(begun.name())) {
                    journal.answer(begun.id(), "succeeded", null, "the device has begun anew", null);
                } else {
                    journal.answer(begun.id(), "failed", null, "the device began anew while it was under way", null);
                }
            }
            journal.end(begun.id(), Instant.now());
        }
        journal.prune(Instant.now());
    }

    private void look() throws SQLException {
        for (FutureTaskOf under : underWay()) {
            if (!journal.isWanted(under.id())) {
                under.task().cancel(true);
            }
        }
        for (Command command : journal.fresh()) {
            if (stopped) {
                return;
            }
            if (busy.add(command.name())) {
                boolean begun = false;
                try {
                    begun = journal.begin(command, Instant.now());
                } finally {
                    if (!begun) {
                        busy.remove(command.name());
                    }
                }
                if (begun) {
                    executor.execute(() -> perform(command));
                }
            }
        }
    }

    private record FutureTaskOf(String id, FutureTask<Outcome> task) {}

    private List<FutureTaskOf> underWay() {
        return running.entrySet().stream()
                .map(one -> new FutureTaskOf(one.getKey(), one.getValue()))
                .toList();
    }

    private void perform(Command command) {
        try {
            CommandSettings.Entry entry = handlers.get(command.name());
            if (command.expires() != null && Instant.now().isAfter(command.expires())) {
                end(command, "rejected", "it expired at " + command.expires(), null);
            } else if (entry == null) {
                end(command, "rejected", "this device does no " + command.name(), null);
            } else {
                answer(command, "running", null, "", null);
                perform(command, entry);
            }
        } finally {
            running.remove(command.id());
            busy.remove(command.name());
            wake.release();
        }
    }

    private void perform(Command command, CommandSettings.Entry entry) {
        FutureTask<Outcome> task = new FutureTask<>(() -> entry.handler().handle(command, (percent, message) -> {
            // Nothing is said of it after its last word.
            synchronized (command) {
                if (running.containsKey(command.id())) {
                    answer(command, "running", Math.clamp(percent, 0, 100), message, null);
                }
            }
        }));
        running.put(command.id(), task);
        executor.execute(task);
        try {
            switch (task.get(entry.timeout().toMillis(), TimeUnit.MILLISECONDS)) {
                case Outcome.Succeeded done -> end(command, "succeeded", "", done.output());
                case Outcome.Failed failed -> end(command, "failed", failed.message(), failed.output());
                case Outcome.Rejected rejected -> end(command, "rejected", rejected.message(), null);
            }
        } catch (TimeoutException late) {
            task.cancel(true);
            end(command, "timedOut", "not done within " + entry.timeout().toSeconds() + " s", null);
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause() == null ? failed : failed.getCause();
            end(command, "failed", cause.getMessage() == null ? cause.toString() : cause.getMessage(), null);
        } catch (java.util.concurrent.CancellationException | InterruptedException takenBack) {
            if (!stopped) {
                end(command, "failed", "it was taken back while it was under way", null);
            }
        }
    }

    private void end(Command command, String status, String message, @Nullable Object output) {
        boolean said;
        synchronized (command) {
            running.remove(command.id());
            said = answer(command, status, null, message, output);
        }
        if (said) {
            try {
                journal.end(command.id(), Instant.now());
            } catch (SQLException e) {
                // The next process sees that it was answered.
                LOG.warn("The end of command {} was not noted: {}", command.id(), e.toString());
            }
        }
    }

    private boolean answer(
            Command command, String status, @Nullable Double progress, String message, @Nullable Object output) {
        try {
            journal.answer(command.id(), status, progress, message, output);
            return true;
        } catch (SQLException | RuntimeException e) {
            LOG.warn("What became of command {} ({}) was not written: {}", command.id(), status, e.toString());
            return false;
        }
    }
}
