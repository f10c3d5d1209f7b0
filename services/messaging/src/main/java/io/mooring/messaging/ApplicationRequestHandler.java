package io.mooring.messaging;

import io.mooring.messaging.core.Caller;
import io.mooring.messaging.db.Database;
import io.mooring.messaging.db.Outbox;
import io.mooring.messaging.db.SignerStore;
import io.mooring.messaging.db.UplinkPositions;
import io.mooring.messaging.request.ApplicationRequests;
import io.mooring.messaging.request.RequestMessages;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Takes what applications ask devices over MQTT, and answer them, each of it once, all of a batch in one transaction. */
@Singleton
public class ApplicationRequestHandler {
    /**
     * Something an application asked.
     *
     * @param subject the topic past {@code application/{id}/request/}
     */
    public record Asked(String cloud, String application, String subject, byte[] body, int partition, long offset) {}

    private final Database database;
    private final ApplicationRequests requests;
    private final RequestMessages messages;

    public ApplicationRequestHandler(Database database, ApplicationRequests requests, RequestMessages messages) {
        this.database = database;
        this.requests = requests;
        this.messages = messages;
    }

    /** Takes a batch; when it returns, all is committed. */
    public void handle(String topicId, List<Asked> batch) throws SQLException {
        database.run(connection -> {
            Map<Integer, Long> next = new HashMap<>(UplinkPositions.lock(
                    connection, topicId, batch.stream().map(Asked::partition).collect(Collectors.toSet())));
            List<Outbox.Message> refusals = new ArrayList<>();
            for (Asked asked : batch) {
                if (asked.offset() < next.getOrDefault(asked.partition(), 0L)) {
                    continue;
                }
                next.put(asked.partition(), asked.offset() + 1);
                // Whoever is revoked meanwhile hears nothing more.
                Optional<Caller> caller = SignerStore.application(connection, asked.application());
                Optional<String> why =
                        caller.isPresent() ? requests.take(connection, asked, caller.get()) : Optional.empty();
                why.ifPresent(text ->
                        refusals.add(messages.refusal(asked.cloud(), asked.application(), asked.subject(), text)));
            }
            Outbox.add(connection, refusals);
            UplinkPositions.save(connection, topicId, next);
        });
    }
}
