package io.mooring.messaging;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.chassis.Json;
import io.mooring.messaging.core.Answer;
import io.mooring.messaging.core.Signal;
import io.mooring.messaging.db.AdoptionStore;
import io.mooring.messaging.db.AnswerStore;
import io.mooring.messaging.db.Database;
import io.mooring.messaging.db.ExecutionStore.Entry;
import io.mooring.messaging.db.ExecutionStore.Key;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Takes what devices say of commands, and whether they say anything at all. */
@Singleton
public class AnswerHandler {
    private final Clock clock = Clock.systemUTC();
    private final Database database;
    private final Executions executions;
    private final Waiters waiters;

    public AnswerHandler(Database database, Executions executions, Waiters waiters) {
        this.database = database;
        this.executions = executions;
        this.waiters = waiters;
    }

    /**
     * A device's answer.
     *
     * @param complete whether its output is here; if not it must be looked up
     */
    public record Said(String cloud, String device, String command, Answer answer, boolean complete) {}

    /** Takes note of commands that somebody wrote by plain SQL: what becomes of them is told like of any. */
    public void adopt(List<AdoptionStore.Row> rows) throws SQLException {
        if (!rows.isEmpty()) {
            Instant now = clock.instant();
            database.run(connection -> {
                List<Entry> adopted = AdoptionStore.adopt(connection, rows, now);
                executions.tell(connection, adopted, now);
                Map<Key, List<Signal>> signals = new HashMap<>();
                for (Key key : AdoptionStore.takeEarly(connection, adopted)) {
                    signals.put(key, List.of(new Signal.Received()));
                }
                executions.apply(connection, signals, now);
            });
        }
    }

    /**
     * Takes what devices said.
     *
     * @param described which devices said of themselves whether they answer commands
     */
    public void handle(List<Said> said, Map<String, Boolean> described) throws SQLException {
        Instant now = clock.instant();
        Executions.Moved moved = database.transact(connection -> {
            Map<String, Boolean> answering = new HashMap<>(described);
            said.forEach(answer -> answering.put(answer.device(), true));
            AnswerStore.describe(connection, answering);
            Map<Key, List<Signal>> signals = new LinkedHashMap<>();
            for (Said one : said) {
                Answer answer = one.complete() ? one.answer() : completed(connection, one);
                signals.computeIfAbsent(new Key(one.command(), one.device()), key -> new ArrayList<>())
                        .add(new Signal.Answered(answer, json(answer)));
            }
            return executions.apply(connection, signals, now);
        });
        waiters.finished(moved.finished());
    }

    /** Of a large output that a change left as it was, the log holds nothing. */
    private static Answer completed(Connection connection, Said said) throws SQLException {
        Optional<AnswerStore.Texts> stored = AnswerStore.texts(connection, said.cloud(), said.device(), said.command());
        Answer answer = said.answer();
        return stored.map(texts -> new Answer(answer.status(), answer.progress(), texts.output(), texts.message()))
                .orElse(answer);
    }

    /** An answer as it is kept if it comes too late. */
    private static String json(Answer answer) {
        ObjectNode json = Json.object().put("status", answer.status().label());
        if (answer.output() != null) {
            json.set("output", Json.column(answer.output()));
        }
        if (answer.message() != null) {
            json.put("message", answer.message());
        }
        return json.toString();
    }
}
