package io.mooring.messaging.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.messaging.CommandHandler;
import io.mooring.messaging.EventStreams;
import io.mooring.messaging.EventStreams.Kind;
import io.mooring.messaging.core.Caller;
import io.mooring.messaging.core.Outcome;
import io.mooring.messaging.core.Right;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** What happens, as it happens: server-sent events (HTML Living Standard, section 9.2). */
@Path("/v1/events")
@Consumes(MediaType.WILDCARD)
@Tag(name = "events", description = "What happens, as it happens.")
@RunOnVirtualThread
public class EventResource {
    /** So often something is said even if nothing happens, so that a listener that is gone is noticed. */
    private static final long QUIET_MILLIS = 15_000;

    private final EventStreams streams;
    private final CommandHandler commands;
    private final Door door;

    EventResource(EventStreams streams, CommandHandler commands, Door door) {
        this.streams = streams;
        this.commands = commands;
        this.door = door;
    }

    /**
     * Somebody who is let listen.
     *
     * @param standing how the one command stands that it listens to, so that nothing of it is missed; else null
     */
    private record Begun(
            EventStreams.Listener listener, @Nullable ObjectNode standing) {}

    @GET
    @Operation(
            summary = "Events as they happen (server-sent events)",
            description = "kind: command, presence, message, or several with commas between. device, command: of these"
                    + " only. With a command the stream begins with the event \"standing\": how it stands. A listener"
                    + " that does not keep up is sent the event \"overrun\" and has to begin again.")
    public Response listen(
            @Context HttpServerRequest request,
            @QueryParam("kind") @DefaultValue("command") String kind,
            @QueryParam("device") @Nullable String device,
            @QueryParam("command") @Nullable String command)
            throws SQLException {
        return door.admit(
                request,
                caller -> door.answer(
                        kinds(caller, kind).then(kinds -> begin(caller, new EventStreams.Wish(kinds, device, command))),
                        begun -> Response.ok((StreamingOutput) out -> run(begun, out))
                                .type("text/event-stream")
                                .header("Cache-Control", "no-store")
                                .build()));
    }

    private Outcome<Begun> begin(Caller caller, EventStreams.Wish wish) throws SQLException {
        String command = wish.command();
        if (command == null) {
            return streams.listen(caller, wish).then(listener -> Outcome.done(new Begun(listener, null)));
        }
        return commands.standing(caller, command)
                .then(visible -> streams.listen(caller, wish).then(listener -> standing(caller, command, listener)));
    }

    /** Looked at once it is listened to: what happens meanwhile is said twice rather than never. */
    private Outcome<Begun> standing(Caller caller, String command, EventStreams.Listener listener) throws SQLException {
        boolean begun = false;
        try {
            Outcome<Begun> standing = commands.standing(caller, command)
                    .then(now -> Outcome.done(new Begun(listener, CommandHandler.view(now))));
            begun = standing instanceof Outcome.Done<Begun>;
            return standing;
        } finally {
            if (!begun) {
                listener.close();
            }
        }
    }

    private static Outcome<Set<Kind>> kinds(Caller caller, String text) {
        Set<Kind> kinds = EnumSet.noneOf(Kind.class);
        for (String part : text.split(",", -1)) {
            switch (part.strip()) {
                case "command" -> kinds.add(Kind.COMMAND);
                case "presence" -> kinds.add(Kind.PRESENCE);
                case "message" -> kinds.add(Kind.MESSAGE);
                default -> {
                    return Outcome.refused("bad-request", "\"kind\" is command, presence or message.");
                }
            }
        }
        boolean may = (!kinds.contains(Kind.PRESENCE) || caller.rights().contains(Right.READ))
                && (!kinds.contains(Kind.MESSAGE) || caller.rights().contains(Right.SUBSCRIBE));
        return may
                ? Outcome.done(kinds)
                : Outcome.refused("not-allowed", "Presence needs the right read, messages the right subscribe.");
    }

    private static void run(Begun begun, OutputStream out) throws IOException {
        try (EventStreams.Listener listener = begun.listener()) {
            write(out, ": listening\n\n");
            if (begun.standing() != null) {
                write(out, "event: standing\ndata: " + begun.standing() + "\n\n");
            }
            while (true) {
                EventStreams.Event event = listener.next(QUIET_MILLIS);
                if (event != null) {
                    write(
                            out,
                            "id: " + event.id() + "\nevent: "
                                    + event.kind().name().toLowerCase(Locale.ROOT) + "\ndata: " + event.json()
                                    + "\n\n");
                } else if (listener.isOverrun()) {
                    write(out, "event: overrun\ndata: {}\n\n");
                    return;
                } else {
                    write(out, ":\n\n");
                }
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
