package io.mooring.messaging;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.chassis.Json;
import io.mooring.messaging.core.Caller;
import io.mooring.messaging.core.Command;
import io.mooring.messaging.core.CommandRequest;
import io.mooring.messaging.core.Outcome;
import io.mooring.messaging.core.Right;
import io.mooring.messaging.core.Signal;
import io.mooring.messaging.core.Target;
import io.mooring.messaging.db.AdoptionStore;
import io.mooring.messaging.db.CommandStore;
import io.mooring.messaging.db.Database;
import io.mooring.messaging.db.ExecutionStore;
import io.mooring.messaging.db.ExecutionStore.Entry;
import io.mooring.messaging.db.ExecutionStore.Key;
import io.mooring.messaging.db.TargetStore;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Takes commands from callers, moves them on as devices answer, and says how they stand. */
@Singleton
public class CommandHandler {
    private static final int NAMED_UNKNOWN = 10;
    private static final long LOOK_MILLIS = 500;

    private final Clock clock = Clock.systemUTC();
    private final Database database;
    private final Executions executions;
    private final Dispatcher dispatcher;
    private final Waiters waiters;
    private final Trail trail;

    public CommandHandler(
            Database database, Executions executions, Dispatcher dispatcher, Waiters waiters, Trail trail) {
        this.trail = trail;
        this.database = database;
        this.executions = executions;
        this.dispatcher = dispatcher;
        this.waiters = waiters;
    }

    /**
     * A command that was asked for.
     *
     * @param repeated whether it had been asked for before, under the same key
     */
    public record Taken(String id, boolean repeated) {}

    /** How a command stands, and for how many devices in each state. */
    public record Standing(Command command, List<ExecutionStore.StateCount> counts) {}

    /**
     * Takes a command.
     *
     * @param original what was asked for, as it came: the same key with something else is a mistake
     */
    public Outcome<Taken> take(Caller caller, CommandRequest request, @Nullable String key, String original)
            throws SQLException {
        if (!caller.may(Right.COMMAND, request.cloud())) {
            return Outcome.refused("not-allowed", "You may not command devices of the cloud " + request.cloud() + ".");
        }
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        Instant starts = request.starts() == null || request.starts().isBefore(now) ? now : request.starts();
        Command command = new Command(
                Secrets.ulid(now), caller.name(), request, Command.State.SCHEDULED, starts, starts, 0, 0, 0, now, null);
        String hash = Secrets.sha256(original);
        waiters.expect(command.id());
        Outcome<Taken> taken = database.transact(connection -> {
            if (key != null) {
                Optional<CommandStore.Earlier> earlier = CommandStore.earlier(connection, caller.name(), key);
                if (earlier.isPresent()) {
                    return repeated(earlier.get(), hash);
                }
            }
            Outcome<Boolean> reachable = reachable(connection, caller, request);
            if (reachable instanceof Outcome.Refused<Boolean>(var refusal)) {
                return new Outcome.Refused<>(refusal);
            }
            String target = TargetJson.write(request.target(), caller.reach());
            if (!CommandStore.insert(connection, command, key, hash, target)) {
                // Asked twice at the same moment: the other one is committed by now.
                return key == null
                        ? Outcome.refused("unavailable", "Try again.")
                        : CommandStore.earlier(connection, caller.name(), key)
                                .map(earlier -> repeated(earlier, hash))
                                .orElseGet(() -> Outcome.refused("unavailable", "Try again."));
            }
            trail.tell(
                    connection,
                    caller,
                    "SendCommand",
                    request.cloud(),
                    Map.of("command", command.id(), "name", request.name(), "target", target),
                    now);
            if (!starts.isAfter(now)) {
                dispatcher.step(connection, command, request.target(), caller.reach(), now);
            }
            return Outcome.done(new Taken(command.id(), false));
        });
        if (!(taken instanceof Outcome.Done<Taken>(Taken done)) || done.repeated()) {
            waiters.forget(command.id());
        }
        dispatcher.wake();
        return taken;
    }

    private static Outcome<Taken> repeated(CommandStore.Earlier earlier, String hash) {
        return earlier.requestHash().equals(hash)
                ? Outcome.done(new Taken(earlier.id(), true))
                : Outcome.refused(
                        "idempotency-key-reused", "The same Idempotency-Key was used before, for another command.");
    }

    private static Outcome<Boolean> reachable(Connection connection, Caller caller, CommandRequest request)
            throws SQLException {
        if (!TargetStore.isCloud(connection, request.cloud())) {
            return Outcome.refused("unknown-cloud", "There is no cloud " + request.cloud() + ".");
        }
        if (request.target() instanceof Target.Devices devices) {
            List<String> unknown = TargetStore.unknown(connection, devices.ids(), request.cloud(), caller.reach());
            if (!unknown.isEmpty()) {
                String some = String.join(", ", unknown.subList(0, Math.min(unknown.size(), NAMED_UNKNOWN)));
                return Outcome.refused(
                        "unknown-device",
                        unknown.size() == 1
                                ? "There is no active device " + some + " that you reach."
                                : "There are no active devices " + some + " that you reach (" + unknown.size()
                                        + " in all).");
            }
        }
        return Outcome.done(true);
    }

    /** Waits until a command is over for all its devices, for at most so long. */
    public void await(String id, Duration most) throws SQLException {
        long end = System.nanoTime() + most.toNanos();
        try {
            long left = most.toMillis();
            while (left > 0) {
                if (waiters.await(id, Math.min(left, LOOK_MILLIS)) || isOver(id)) {
                    return;
                }
                left = (end - System.nanoTime()) / 1_000_000;
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } finally {
            waiters.forget(id);
        }
    }

    /** Nobody waits for a command. */
    public void leave(String id) {
        waiters.forget(id);
    }

    private boolean isOver(String id) throws SQLException {
        return database.read(connection -> CommandStore.find(connection, id))
                .map(command -> command.finished() != null)
                .orElse(true);
    }

    /** How a command stands, for whoever may see it. */
    public Outcome<Standing> standing(Caller caller, String id) throws SQLException {
        return database.read(connection -> visible(CommandStore.find(connection, id), caller)
                .then((Command command) ->
                        Outcome.done(new Standing(command, ExecutionStore.counts(connection, command.id())))));
    }

    /** The caller's commands before an id, the newest first; all for operators. */
    public List<Command> page(Caller caller, String before, int limit) throws SQLException {
        String own = caller.isOperator() ? null : caller.name();
        return database.read(connection -> CommandStore.page(connection, caller.cloud(), own, before, limit));
    }

    /** How a command stands on its devices behind one. */
    public Outcome<List<Entry>> devices(Caller caller, String id, @Nullable String state, String after, int limit)
            throws SQLException {
        return database.read(connection -> visible(CommandStore.find(connection, id), caller)
                .then((Command command) -> Outcome.done(ExecutionStore.page(connection, id, state, after, limit))));
    }

    /** How a command stands on one device. */
    public Outcome<Entry> device(Caller caller, String id, String device) throws SQLException {
        return database.read(connection -> visible(CommandStore.find(connection, id), caller)
                .then((Command command) -> ExecutionStore.find(connection, id, device)
                        .map(Outcome::done)
                        .orElseGet(() -> Outcome.refused("unknown-device", "The command is not for that device."))));
    }

    /** An application sees its own commands, an operator all. */
    private static Outcome<Command> visible(Optional<Command> command, Caller caller) {
        return command.filter(found -> caller.isOperator() || found.caller().equals(caller.name()))
                .map(Outcome::done)
                .orElseGet(() -> Outcome.refused("unknown-command", "There is no command of this id."));
    }

    /** Calls a command off: devices that have it go on, the others never get it. */
    public Outcome<Command> abort(Caller caller, String id) throws SQLException {
        Instant now = clock.instant();
        Outcome<Command> aborted = database.transact(connection -> visible(CommandStore.lock(connection, id), caller)
                .then((Command command) -> {
                    if (command.finished() != null) {
                        return Outcome.refused("finished", "The command is over for all its devices.");
                    }
                    Command next = command.with(Command.State.ABORTED, now, command.total());
                    CommandStore.save(connection, next);
                    trail.tell(
                            connection,
                            caller,
                            "AbortCommand",
                            command.request().cloud(),
                            Map.of("command", id),
                            now);
                    return Outcome.done(next);
                }));
        dispatcher.wake();
        return aborted;
    }

    /** Devices acknowledged commands. A command that nobody knows yet is one that somebody wrote by plain SQL. */
    public void received(Collection<Key> keys) throws SQLException {
        if (keys.isEmpty()) {
            return;
        }
        Instant now = clock.instant();
        Map<Key, List<Signal>> signals = new HashMap<>();
        keys.forEach(key -> signals.put(key, List.of(new Signal.Received())));
        Executions.Moved moved = database.transact(connection -> {
            AdoptionStore.keepEarly(connection, keys, now);
            return executions.apply(connection, signals, now);
        });
        waiters.finished(moved.finished());
    }

    /** How a command stands, as APIs say it. */
    public static ObjectNode view(Standing standing) {
        ObjectNode json = view(standing.command());
        ObjectNode counts = json.putObject("counts");
        standing.counts().forEach(count -> counts.put(count.state(), count.devices()));
        return json;
    }

    /** The same without how many devices are in each state. */
    public static ObjectNode view(Command command) {
        CommandRequest request = command.request();
        ObjectNode json = Json.object()
                .put("id", command.id())
                .put("command", request.name())
                .put("cloud", request.cloud())
                .put("caller", command.caller())
                .put("state", command.state().label());
        if (request.args() != null) {
            json.set("args", Json.column(request.args()));
        }
        if (request.description() != null) {
            json.put("description", request.description());
        }
        if (request.target() instanceof Target.Stored(String target)) {
            json.set("target", TargetJson.shown(target));
        }
        json.put("at", command.starts().toString());
        if (request.pace().perMinute() > 0) {
            json.put("ratePerMinute", request.pace().perMinute());
        }
        if (request.stop().share() < 1) {
            json.putObject("stop")
                    .put("failureShare", request.stop().share())
                    .put("after", request.stop().after());
        }
        json.put("expiresSeconds", request.expiresSeconds())
                .put("timeoutSeconds", request.timeoutSeconds())
                .put("devices", command.total())
                .put("ended", command.ended())
                .put("failures", command.failures())
                .put("created", command.created().toString());
        if (command.finished() != null) {
            json.put("finished", command.finished().toString());
        }
        return json;
    }
}
