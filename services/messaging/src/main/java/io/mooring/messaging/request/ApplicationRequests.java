package io.mooring.messaging.request;

import io.mooring.messaging.ApplicationRequestHandler.Asked;
import io.mooring.messaging.core.Caller;
import io.mooring.messaging.core.Right;
import io.mooring.messaging.core.request.DeviceRequest;
import io.mooring.messaging.core.request.Pending;
import io.mooring.messaging.db.DeviceStore;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/** What applications say over MQTT of requests: {@code ask/{device}/{name}/{seq}}, and {@code answer/{request}}. */
@Singleton
public class ApplicationRequests {
    private static final String ASK = "ask/";

    private final RequestHandler handler;

    public ApplicationRequests(RequestHandler handler) {
        this.handler = handler;
    }

    /** Whether something is for this handler. */
    public static boolean concerns(String subject) {
        return subject.startsWith(ASK) || subject.startsWith(Pending.ANSWER);
    }

    /** Takes one, within the transaction; why not, if it cannot. */
    public Optional<String> take(Connection connection, Asked asked, Caller caller) throws SQLException {
        Optional<String> text = handler.text(asked.body());
        if (text.isEmpty()) {
            return Optional.of("a request or an answer is UTF-8 text of bounded length");
        }
        if (asked.subject().startsWith(Pending.ANSWER)) {
            String id = asked.subject().substring(Pending.ANSWER.length());
            return handler.answer(connection, id, Pending.Direction.UP, caller.name(), text.get())
                    ? Optional.empty()
                    : Optional.of("nobody waits for this answer any more");
        }
        String tail = asked.subject().substring(ASK.length());
        int slash = tail.indexOf('/');
        Optional<DeviceRequest> request = slash < 0 ? Optional.empty() : DeviceRequest.parse(tail.substring(slash + 1));
        if (request.isEmpty()) {
            return Optional.of("publish on ask/{device}/{name}/{number}");
        }
        Optional<DeviceStore.Device> device = DeviceStore.find(connection, tail.substring(0, slash))
                .filter(found -> caller.may(Right.COMMAND, found.cloud(), found.id(), found.product()));
        return device.isEmpty()
                ? Optional.of("there is no such device, or you have no right to command it")
                : handler.ask(connection, device.get(), caller.name(), request.get(), text.get());
    }
}
