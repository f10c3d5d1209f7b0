package io.mooring.messaging;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.chassis.Json;
import io.mooring.chassis.TopicNames;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.kafka.Topic;
import io.mooring.messaging.core.Command;
import io.mooring.messaging.core.Execution;
import io.mooring.messaging.core.ExecutionDecider;
import io.mooring.messaging.core.Signal;
import io.mooring.messaging.db.AdoptionStore;
import io.mooring.messaging.db.CommandStore;
import io.mooring.messaging.db.ExecutionStore;
import io.mooring.messaging.db.ExecutionStore.Entry;
import io.mooring.messaging.db.ExecutionStore.Key;
import io.mooring.messaging.db.Outbox;
import io.mooring.messaging.db.TargetStore;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Moves commands on, for many devices at once: reads how they stand, decides, writes what changed, the rows that follow
 * from it, and what the world is told, all in the caller's transaction.
 */
@Singleton
public class Executions {
    /** Applications' ids begin so. */
    private static final String APPLICATION = "app";

    private final TopicNames topics;
    private final MessagingMetrics metrics;

    public Executions(TopicNames topics, MessagingMetrics metrics) {
        this.topics = topics;
        this.metrics = metrics;
    }

    /**
     * What came of signals.
     *
     * @param ended for whom it is over now
     * @param finished the commands that are over for all their devices now
     */
    public record Moved(List<Entry> ended, List<String> finished) {}

    /** Applies signals, those of one key in order. Keys that there are none of are ignored. */
    public Moved apply(Connection connection, Map<Key, List<Signal>> signals, Instant now) throws SQLException {
        Map<Key, Entry> changed = new LinkedHashMap<>();
        Map<String, Map<String, List<String>>> sent = new TreeMap<>();
        Map<String, List<Key>> withdrawn = new TreeMap<>();
        List<Entry> told = new ArrayList<>();
        List<Entry> ended = new ArrayList<>();
        for (Entry entry : ExecutionStore.lock(connection, signals.keySet())) {
            Entry current = entry;
            for (Signal signal : signals.getOrDefault(entry.key(), List.of())) {
                Optional<Execution> next = ExecutionDecider.decide(current.execution(), signal, facts(current, now));
                if (next.isEmpty()) {
                    continue;
                }
                boolean wasOver = current.execution().isFinal();
                current = current.with(next.get(), now);
                changed.put(current.key(), current);
                if (!wasOver) {
                    told.add(current);
                }
                if (!wasOver && current.execution().isFinal()) {
                    ended.add(current);
                }
                if (signal instanceof Signal.Dispatched) {
                    sent.computeIfAbsent(current.cloud(), cloud -> new TreeMap<>())
                            .computeIfAbsent(current.key().command(), command -> new ArrayList<>())
                            .add(current.key().device());
                } else if (!wasOver && needsRowNoLonger(current)) {
                    withdrawn
                            .computeIfAbsent(current.cloud(), cloud -> new ArrayList<>())
                            .add(current.key());
                }
            }
        }
        if (changed.isEmpty()) {
            return new Moved(List.of(), List.of());
        }
        ExecutionStore.save(connection, List.copyOf(changed.values()));
        // The rows first: Debezium says things in the order in which they are written, and devices are waiting.
        for (var cloud : sent.entrySet()) {
            for (var command : cloud.getValue().entrySet()) {
                TargetStore.send(connection, cloud.getKey(), command.getKey(), command.getValue());
            }
        }
        for (var cloud : withdrawn.entrySet()) {
            TargetStore.withdraw(connection, cloud.getKey(), cloud.getValue());
        }
        tell(connection, told, now);
        return new Moved(ended, count(connection, ended, now));
    }

    /**
     * Whether the row that took a command down is to go: nobody shall get it later, and devices that answer need not
     * keep it. Agents that do not answer keep theirs until it expires, as they always did; and rows that somebody wrote by
     * plain SQL are theirs.
     */
    private static boolean needsRowNoLonger(Entry entry) {
        return entry.execution() instanceof Execution.Ended ended
                && !ended.label().equals("delivered")
                && !entry.caller().equals(AdoptionStore.CALLER);
    }

    private static ExecutionDecider.Facts facts(Entry entry, Instant now) {
        return new ExecutionDecider.Facts(now, entry.answering(), entry.expires(), entry.timeout());
    }

    /** Counts for whom commands are over; the commands that are over for all. */
    private static List<String> count(Connection connection, List<Entry> ended, Instant now) throws SQLException {
        if (ended.isEmpty()) {
            return List.of();
        }
        Map<String, CommandStore.Count> counts = new HashMap<>();
        for (Entry entry : ended) {
            int failure = entry.execution() instanceof Execution.Ended end && end.isFailure() ? 1 : 0;
            counts.merge(
                    entry.key().command(),
                    new CommandStore.Count(1, failure),
                    (a, b) -> new CommandStore.Count(a.ended() + b.ended(), a.failures() + b.failures()));
        }
        List<String> finished = new ArrayList<>();
        for (Command command : CommandStore.count(connection, counts)) {
            if (command.isOver()) {
                Command.State state = command.state().isGivenUp() ? command.state() : Command.State.COMPLETED;
                CommandStore.finish(connection, command.id(), state, now);
                finished.add(command.id());
            } else if (command.state() == Command.State.RUNNING
                    && command.request().stop().isBroken(command.ended(), command.failures())) {
                CommandStore.save(connection, command.with(Command.State.STOPPED, now, command.total()));
            }
        }
        return finished;
    }

    /** Tells the world how commands stand. */
    public void tell(Connection connection, List<Entry> told, Instant now) throws SQLException {
        List<Outbox.Message> messages = new ArrayList<>(told.size());
        Map<String, Integer> states = new HashMap<>();
        for (Entry entry : told) {
            String json = event(entry).put("at", now.toString()).toString();
            messages.add(new Outbox.Message(
                    topics.of(Topic.COMMAND_EVENT),
                    entry.key().device(),
                    json,
                    EventTypes.COMMAND_CHANGED,
                    "command/" + entry.key().command(),
                    entry.cloud(),
                    entry.account(),
                    null));
            if (entry.caller().startsWith(APPLICATION)) {
                messages.add(new Outbox.Message(
                        topics.of(Topic.APPLICATION_MESSAGE),
                        entry.caller(),
                        json,
                        EventTypes.APPLICATION_MESSAGE,
                        "application/" + entry.caller(),
                        entry.cloud(),
                        null,
                        "command/" + entry.key().device() + "/" + entry.key().command()));
            }
            states.merge(entry.execution().label(), 1, Integer::sum);
        }
        Outbox.add(connection, messages);
        states.forEach(metrics::changed);
    }

    /** How a command stands on a device, as events and APIs say it. */
    public static ObjectNode event(Entry entry) {
        ObjectNode json = Json.object()
                .put("command", entry.key().command())
                .put("name", entry.name())
                .put("device", entry.key().device())
                .put("cloud", entry.cloud())
                .put("caller", entry.caller())
                .put("state", entry.execution().label())
                .put("final", entry.execution().isFinal());
        switch (entry.execution()) {
            case Execution.Running running -> said(json, running.progress(), running.output(), running.message());
            case Execution.Ended ended -> {
                said(json, ended.progress(), ended.output(), ended.message());
                if (ended.late() != null) {
                    json.set("late", Json.column(ended.late()));
                }
            }
            case Execution.Queued _, Execution.Sent _, Execution.Delivered _ -> {}
        }
        return json;
    }

    private static void said(
            ObjectNode json, @Nullable Double progress, @Nullable String output, @Nullable String message) {
        if (progress != null) {
            json.put("progress", progress);
        }
        if (output != null) {
            json.set("output", Json.column(output));
        }
        if (message != null) {
            json.put("message", message);
        }
    }
}
