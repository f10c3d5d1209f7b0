package io.mooring.devstack.launcher.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One process, kept running: started again with back-off whenever it dies, until it is stopped.
 *
 * <p>The thread that forks the process waits for it: the kernel's death signal follows the forking
 * <em>thread</em>, not the process it belongs to. Safe for use by several threads.
 */
public final class Supervised implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    private final ProcessPlan plan;
    private final Notices notices;
    private final boolean restarts;
    private final LogFile log;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private ProcessState state = ProcessState.STOPPED;
    private @Nullable Process process;
    private @Nullable Thread keeper;
    private String lastDeath = "";
    private int deaths;
    private boolean everReady;

    public Supervised(ProcessPlan plan, Notices notices, boolean restarts) {
        this.plan = plan;
        this.notices = notices;
        this.restarts = restarts;
        this.log = new LogFile(plan.log());
    }

    public ProcessPlan plan() {
        return plan;
    }

    /** Begins to keep the process running; returns at once. */
    public void start() {
        lock.lock();
        try {
            if (state.isKept()) {
                return;
            }
            becomes(ProcessState.STARTING);
            everReady = false;
            Thread thread =
                    Thread.ofPlatform().daemon().name("keeps-" + plan.name()).unstarted(this::keep);
            keeper = thread;
            thread.start();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until the process is ready.
     *
     * @throws StartException if it died before it was ever ready, or the time is over
     */
    public void awaitReady(Duration within) throws InterruptedException {
        long left = within.toNanos();
        lock.lock();
        try {
            while (state != ProcessState.READY) {
                if (state == ProcessState.FAILED) {
                    throw new StartException(lastDeath);
                }
                if (state == ProcessState.STOPPED) {
                    throw new StartException(plan.name() + " was stopped");
                }
                if (left <= 0) {
                    throw new StartException(plan.name() + " was not ready within " + within.toSeconds()
                            + " s; its log is " + plan.log());
                }
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private void keep() {
        BackOff backOff = BackOff.NONE;
        while (true) {
            Instant begun = Instant.now();
            String death;
            try {
                Process running = fork();
                death = watch(running);
            } catch (IOException notForked) {
                death = plan.name() + " could not be started: " + notForked.getMessage();
            } catch (InterruptedException stopped) {
                return;
            }
            backOff = backOff.died(Duration.between(begun, Instant.now()));
            if (!goesOnAfter(death, backOff.pause())) {
                return;
            }
        }
    }

    private Process fork() throws IOException {
        log.forgetLines();
        Process forked = plan.fork();
        lock.lock();
        try {
            process = forked;
            if (state == ProcessState.STOPPING) {
                // Stopped between two lives.
                forked.destroyForcibly();
            } else {
                becomes(ProcessState.STARTING);
            }
        } finally {
            lock.unlock();
        }
        return forked;
    }

    /** Waits until the process ends; says how it ended. */
    private String watch(Process running) throws InterruptedException {
        Thread asks = Thread.ofVirtual().name("asks-" + plan.name()).start(() -> ask(running));
        Thread reads = Thread.ofPlatform().daemon().name("reads-" + plan.name()).start(() -> read(running));
        int code = running.waitFor();
        asks.interrupt();
        // Its last words. No longer: a child of its own that lives on keeps the pipe open.
        reads.join(LAST_WORDS);
        return Death.sentence(plan.name(), code, log.lastLines());
    }

    private void read(Process running) {
        try (BufferedReader reader = running.inputReader(StandardCharsets.UTF_8)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                log.write(line);
                if (plan.readiness() instanceof Readiness.Says says && line.contains(says.words())) {
                    isReady(running);
                }
            }
        } catch (IOException ended) {
            // With the process.
            return;
        }
    }

    private void ask(Process running) {
        try {
            while (running.isAlive()) {
                boolean ready = switch (plan.readiness()) {
                    case Readiness.Says says -> false;
                    case Readiness.Answers answers -> answers.isSo();
                    case Readiness.Asked asked -> asked.check().isSo();
                };
                if (ready) {
                    isReady(running);
                    return;
                }
                if (plan.readiness() instanceof Readiness.Says) {
                    return;
                }
                Thread.sleep(POLL);
            }
        } catch (InterruptedException ended) {
            // The process did.
        }
    }

    private void isReady(Process running) {
        boolean again;
        lock.lock();
        try {
            if (process != running || state != ProcessState.STARTING) {
                return;
            }
            again = everReady;
            everReady = true;
            becomes(ProcessState.READY);
        } finally {
            lock.unlock();
        }
        notices.ready(plan.name(), again);
    }

    /** Whether the process is to be started again after this death; if so, after the pause has passed. */
    private boolean goesOnAfter(String death, Duration pause) {
        lock.lock();
        try {
            process = null;
            if (state == ProcessState.STOPPING) {
                becomes(ProcessState.STOPPED);
                return false;
            }
            lastDeath = death;
            deaths++;
            if (!everReady || !restarts) {
                becomes(ProcessState.FAILED);
            } else {
                becomes(ProcessState.WAITING);
            }
        } finally {
            lock.unlock();
        }
        if (!everReady || !restarts) {
            notices.died(plan.name(), death, null);
            return false;
        }
        notices.died(plan.name(), death, pause);
        return waits(pause);
    }

    private boolean waits(Duration pause) {
        long left = pause.toNanos();
        lock.lock();
        try {
            while (left > 0 && state == ProcessState.WAITING) {
                left = changed.awaitNanos(left);
            }
            if (state == ProcessState.STOPPING) {
                becomes(ProcessState.STOPPED);
                return false;
            }
            return true;
        } catch (InterruptedException stopped) {
            becomes(ProcessState.STOPPED);
            return false;
        } finally {
            lock.unlock();
        }
    }

    private void becomes(ProcessState next) {
        state = next;
        changed.signalAll();
    }

    /** Kills the process (signal 9). It is started again, as after any death. */
    public void kill() {
        lock.lock();
        try {
            if (process != null) {
                process.destroyForcibly();
                // Not ready from this moment on, so that whoever waits for it waits for its next life.
                if (state == ProcessState.READY) {
                    becomes(ProcessState.STARTING);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Stops the process for good: by its own signal, and if it does not listen, by force. */
    public void stop() {
        Process running;
        Thread thread;
        lock.lock();
        try {
            if (!state.isKept()) {
                return;
            }
            becomes(ProcessState.STOPPING);
            running = process;
            thread = keeper;
        } finally {
            lock.unlock();
        }
        try {
            if (running != null) {
                signal(running, plan.stopSignal());
                if (!running.waitFor(plan.stopWithin().toMillis(), TimeUnit.MILLISECONDS)) {
                    notices.note(plan.name() + " did not stop within "
                            + plan.stopWithin().toSeconds() + " s and was killed");
                    running.destroyForcibly();
                }
            }
            if (thread != null) {
                thread.join();
            }
        } catch (InterruptedException hurry) {
            if (running != null) {
                running.destroyForcibly();
            }
            Thread.currentThread().interrupt();
        }
    }

    private static void signal(Process running, String signal) throws InterruptedException {
        if (signal.equals("TERM")) {
            running.destroy();
            return;
        }
        try {
            new ProcessBuilder("sh", "-c", "kill -s " + signal + " " + running.pid())
                    .inheritIO()
                    .start()
                    .waitFor();
        } catch (IOException noShell) {
            running.destroy();
        }
    }

    public ProcessState state() {
        lock.lock();
        try {
            return state;
        } finally {
            lock.unlock();
        }
    }

    /** The process' id; empty while it does not run. */
    public OptionalLong pid() {
        lock.lock();
        try {
            return process == null ? OptionalLong.empty() : OptionalLong.of(process.pid());
        } finally {
            lock.unlock();
        }
    }

    /** How often it died since it was first started. */
    public int deaths() {
        lock.lock();
        try {
            return deaths;
        } finally {
            lock.unlock();
        }
    }

    /** The last lines it said. */
    public List<String> lastLines() {
        return log.lastLines();
    }

    @Override
    public void close() {
        stop();
        log.close();
    }
}
