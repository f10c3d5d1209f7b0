package io.mooring.messaging.request;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.messaging.MessagingMetrics;
import io.mooring.messaging.UplinkHandler.Uplink;
import io.mooring.messaging.core.request.DeviceRequest;
import io.mooring.messaging.core.request.Pending;
import io.mooring.messaging.core.request.StoreMessage;
import io.mooring.messaging.db.Outbox;
import io.mooring.messaging.db.StoreRows;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Answers what devices ask. */
@Singleton
public class DeviceRequestHandler {
    private static final String ANSWER = Pending.ANSWER;
    private static final String NOTHING = "";

    private final MessagingMetrics metrics;
    private final RequestHandler requests;
    private final RequestMessages messages;

    public DeviceRequestHandler(MessagingMetrics metrics, RequestHandler requests, RequestMessages messages) {
        this.metrics = metrics;
        this.requests = requests;
        this.messages = messages;
    }

    /** Whether something is for this handler. */
    public static boolean concerns(String subject) {
        return subject.equals(StoreMessage.SET)
                || subject.startsWith(ANSWER)
                || DeviceRequest.parse(subject).isPresent();
    }

    /**
     * Takes what devices said, in order, within the transaction; they hear the answers if it commits.
     *
     * @return the requests to devices that were answered
     */
    public List<String> take(Connection connection, List<Uplink> uplinks) throws SQLException {
        List<String> answered = new ArrayList<>();
        List<Outbox.Message> told = new ArrayList<>();
        for (Uplink uplink : uplinks) {
            Optional<DeviceRequest> request = DeviceRequest.parse(uplink.subject());
            if (uplink.subject().equals(StoreMessage.SET)) {
                set(connection, uplink);
            } else if (uplink.subject().startsWith(ANSWER)) {
                answered(connection, uplink).ifPresent(answered::add);
            } else if (request.isPresent()) {
                told.add(asked(connection, uplink, request.get()));
            }
        }
        Outbox.add(connection, told);
        return answered;
    }

    /** What {@link #take} did is committed. */
    public void committed(List<String> answered) {
        requests.committed(answered);
    }

    private Outbox.Message asked(Connection connection, Uplink uplink, DeviceRequest request) throws SQLException {
        return switch (request.name()) {
            case DeviceRequest.STORE_GET -> answer(uplink, request, stored(connection, uplink));
            default ->
                requests.ask(connection, uplink.cloud(), uplink.account(), uplink.device(), request, uplink.body());
        };
    }

    private Optional<String> answered(Connection connection, Uplink uplink) throws SQLException {
        String id = uplink.subject().substring(ANSWER.length());
        Optional<String> text = requests.text(uplink.body());
        boolean taken = text.isPresent()
                && requests.answer(connection, id, Pending.Direction.DOWN, uplink.device(), text.get());
        if (!taken) {
            metrics.refused(text.isPresent() ? "answer-too-late" : "answer-unreadable");
        }
        return taken ? Optional.of(id) : Optional.empty();
    }

    private String stored(Connection connection, Uplink uplink) throws SQLException {
        Optional<StoreMessage> asked = StoreMessage.read(uplink.body());
        if (asked.isEmpty()) {
            metrics.refused("request-unreadable");
            return StoreMessage.error("store/get needs {\"key\": text}");
        }
        return StoreRows.isThere(connection, uplink.cloud())
                ? StoreRows.value(
                                connection,
                                uplink.cloud(),
                                uplink.device(),
                                asked.get().key())
                        .orElse(NOTHING)
                : NOTHING;
    }

    private void set(Connection connection, Uplink uplink) throws SQLException {
        Optional<StoreMessage> told = StoreMessage.read(uplink.body());
        JsonNode value = told.map(StoreMessage::value).orElse(null);
        if (told.isEmpty() || value == null) {
            metrics.refused("store-unreadable");
            return;
        }
        StoreRows.set(
                connection,
                uplink.cloud(),
                uplink.device(),
                told.get().key(),
                value.toString(),
                told.get().type());
    }

    private Outbox.Message answer(Uplink uplink, DeviceRequest request, String body) {
        return messages.toDevice(uplink.cloud(), uplink.account(), uplink.device(), request.tail(), body);
    }
}
