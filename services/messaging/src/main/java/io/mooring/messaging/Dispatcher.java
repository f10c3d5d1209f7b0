package io.mooring.messaging;

import io.mooring.chassis.Persistence;
import io.mooring.messaging.core.Command;
import io.mooring.messaging.core.Pace;
import io.mooring.messaging.core.Reach;
import io.mooring.messaging.core.Signal;
import io.mooring.messaging.core.Target;
import io.mooring.messaging.db.CommandStore;
import io.mooring.messaging.db.Database;
import io.mooring.messaging.db.ExecutionStore;
import io.mooring.messaging.db.ExecutionStore.Key;
import io.mooring.messaging.db.TargetStore;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Sends commands when their time comes, as fast as they may go, and ends those whose deadline passed. Any number of
 * instances share the work: a command that one has in hand is passed over by the others.
 */
@Singleton
public class Dispatcher {
    private static final Logger LOG = Logger.getLogger(Dispatcher.class);

    /** How often the table is looked at, for what other instances took and for deadlines. */
    private static final long LOOK_MILLIS = 1_000;

    private static final int DEADLINES_AT_ONCE = 500;

    private final Clock clock = Clock.systemUTC();
    private final Database database;
    private final Executions executions;
    private final Waiters waiters;
    private final Persistence persistence;
    private final Semaphore wake = new Semaphore(0);

    public Dispatcher(Database database, Executions executions, Waiters waiters, Persistence persistence) {
        this.database = database;
        this.executions = executions;
        this.waiters = waiters;
        this.persistence = persistence;
    }

    void start(@Observes StartupEvent event) {
        Thread.ofVirtual().name("dispatcher").start(this::run);
        Thread.ofVirtual().name("deadlines").start(this::watchDeadlines);
    }

    void stop(@Observes ShutdownEvent event) {
        wake();
    }

    /** There may be something to do. */
    public void wake() {
        wake.release();
    }

    private void run() {
        try {
            while (!persistence.isStopped()) {
                Instant next = persistence.until("send commands", this::sendDue);
                long pause = Math.clamp(Duration.between(clock.instant(), next).toMillis(), 1, LOOK_MILLIS);
                if (wake.tryAcquire(pause, TimeUnit.MILLISECONDS)) {
                    wake.drainPermits();
                }
            }
        } catch (Persistence.StoppedException | InterruptedException stopped) {
            LOG.debug("stopped", stopped);
        }
    }

    /** Does all there is to do; when there is more. */
    private Instant sendDue() throws SQLException {
        while (!persistence.isStopped()) {
            Instant now = clock.instant();
            boolean any = database.transact(connection -> {
                var due = CommandStore.lockDue(connection, now);
                if (due.isEmpty()) {
                    return false;
                }
                Command command = due.get();
                if (!(command.request().target() instanceof Target.Stored(String stored))) {
                    throw new IllegalStateException("a command of the table has a stored target");
                }
                step(connection, command, TargetJson.target(stored), TargetJson.reach(stored), now);
                return true;
            });
            if (!any) {
                break;
            }
        }
        return database.read(CommandStore::nextDue).orElse(clock.instant().plusMillis(LOOK_MILLIS));
    }

    /** Takes a command one step on: starts it, sends it to some more devices, or withdraws it from some more. */
    void step(Connection connection, Command command, Target target, Reach reach, Instant now) throws SQLException {
        if (command.state().isGivenUp()) {
            giveUp(connection, command, now);
            return;
        }
        Command current = command;
        if (current.state() == Command.State.SCHEDULED) {
            int total = TargetStore.queue(
                    connection, command.id(), command.request().cloud(), target, reach, now);
            current = command.with(Command.State.RUNNING, now, total);
            if (total == 0) {
                CommandStore.save(connection, current);
                CommandStore.finish(connection, command.id(), Command.State.COMPLETED, now);
                return;
            }
        }
        int most = current.request().pace().batch();
        List<Key> queued = ExecutionStore.lockIn(connection, command.id(), List.of("queued"), most);
        Duration pause = current.request().pace().pauseAfter(queued.size());
        CommandStore.save(
                connection,
                current.with(Command.State.RUNNING, queued.size() < most ? null : now.plus(pause), current.total()));
        executions.apply(connection, all(queued, new Signal.Dispatched()), now);
    }

    private void giveUp(Connection connection, Command command, Instant now) throws SQLException {
        boolean aborted = command.state() == Command.State.ABORTED;
        List<String> states = aborted ? List.of("queued", "sent") : List.of("queued");
        String why = aborted ? "the command was called off" : "too many devices failed before its turn";
        List<Key> open = ExecutionStore.lockIn(connection, command.id(), states, Pace.MOST_AT_ONCE);
        boolean more = open.size() == Pace.MOST_AT_ONCE;
        CommandStore.save(connection, command.with(command.state(), more ? now : null, command.total()));
        Executions.Moved moved = executions.apply(connection, all(open, new Signal.Withdrawn(why)), now);
        if (!more
                && moved.finished().isEmpty()
                && command.ended() + moved.ended().size() >= command.total()) {
            // It was called off before it started, or its last devices ended just now.
            CommandStore.finish(connection, command.id(), command.state(), now);
        }
    }

    private void watchDeadlines() {
        try {
            while (!persistence.isStopped()) {
                int ended = persistence.until("end what nobody answered", this::endOverdue);
                if (ended < DEADLINES_AT_ONCE && !persistence.pause(LOOK_MILLIS)) {
                    return;
                }
            }
        } catch (Persistence.StoppedException stopped) {
            LOG.debug("stopped", stopped);
        }
    }

    private int endOverdue() throws SQLException {
        Instant now = clock.instant();
        return database.transact(connection -> {
            List<Key> due = ExecutionStore.lockDue(connection, now, DEADLINES_AT_ONCE);
            Executions.Moved moved = executions.apply(connection, all(due, new Signal.DeadlinePassed()), now);
            waiters.finished(moved.finished());
            return due.size();
        });
    }

    private static Map<Key, List<Signal>> all(List<Key> keys, Signal signal) {
        Map<Key, List<Signal>> signals = new HashMap<>();
        keys.forEach(key -> signals.put(key, List.of(signal)));
        return signals;
    }
}
