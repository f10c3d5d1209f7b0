package io.mooring.messaging.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.messaging.CommandHandler;
import io.mooring.messaging.EventReplays;
import io.mooring.messaging.EventStreams;
import io.mooring.messaging.core.Caller;
import io.mooring.messaging.core.EventKind;
import io.mooring.messaging.core.Outcome;
import io.mooring.messaging.core.Right;
import io.mooring.messaging.core.StreamPosition;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
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
import java.util.Optional;
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
    private final EventReplays replays;
    private final CommandHandler commands;
    private final Door door;

    EventResource(EventStreams streams, EventReplays replays, CommandHandler commands, Door door) {
        this.streams = streams;
        this.replays = replays;
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
                    + " that does not keep up is sent the event \"overrun\", and the stream ends. Whoever comes back with the"
                    + " last id as Last-Event-ID (as browsers do by themselves) first hears all that it missed; before"
                    + " it the event \"gap\", if some of that is older than what is kept.")
    public Response listen(
            @Context HttpServerRequest request,
            @QueryParam("kind") @DefaultValue("command") String kind,
            @QueryParam("device") @Nullable String device,
            @QueryParam("command") @Nullable String command,
            @HeaderParam("Last-Event-ID") @Nullable String last)
            throws SQLException {
        return door.admit(
                request,
                caller -> door.answer(
                        kinds(caller, kind)
                                .then(kinds -> from(last)
                                        .then(from -> begin(
                                                caller,
                                                new EventStreams.Wish(kinds, device, command, from.orElse(null))))),
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

    private static Outcome<Optional<StreamPosition>> from(@Nullable String last) {
        // An empty one is what a client has that was given none.
        return last == null || last.isBlank()
                ? Outcome.done(Optional.empty())
                : StreamPosition.parse(last.strip()).then(from -> Outcome.done(Optional.of(from)));
    }

    private static Outcome<Set<EventKind>> kinds(Caller caller, String text) {
        Set<EventKind> kinds = EnumSet.noneOf(EventKind.class);
        for (String part : text.split(",", -1)) {
            Optional<EventKind> kind = EventKind.of(part.strip());
            if (kind.isEmpty()) {
                return Outcome.refused("bad-request", "\"kind\" is command, presence or message.");
            }
            kinds.add(kind.get());
        }
        boolean may = (!kinds.contains(EventKind.PRESENCE) || caller.rights().contains(Right.READ))
                && (!kinds.contains(EventKind.MESSAGE) || caller.rights().contains(Right.SUBSCRIBE));
        return may
                ? Outcome.done(kinds)
                : Outcome.refused("not-allowed", "Presence needs the right read, messages the right subscribe.");
    }

    private void run(Begun begun, OutputStream out) throws IOException {
        try (EventStreams.Listener listener = begun.listener()) {
            write(out, ": listening\n\n");
            if (begun.standing() != null) {
                write(out, "event: standing\ndata: " + begun.standing() + "\n\n");
            }
            replays.read(listener, word -> {
                switch (word) {
                    case EventReplays.Word.Happened(EventStreams.Event event) -> write(out, event, listener);
                    case EventReplays.Word.Gap() -> write(out, "event: gap\ndata: {}\n\n");
                    case EventReplays.Word.Quiet() -> write(out, place(listener));
                }
            });
            write(out, place(listener));
            while (true) {
                EventStreams.Event event = listener.next(QUIET_MILLIS);
                if (event != null) {
                    write(out, event, listener);
                } else if (listener.isOverrun()) {
                    write(out, "event: overrun\ndata: {}\n\n");
                    return;
                } else {
                    write(out, place(listener));
                }
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    /** An id without data is no event, but is remembered for when the listener comes back (section 9.2.6). */
    private static String place(EventStreams.Listener listener) {
        return "id: " + listener.position() + "\n\n";
    }

    private static void write(OutputStream out, EventStreams.Event event, EventStreams.Listener listener)
            throws IOException {
        write(
                out,
                "id: " + listener.position() + "\nevent: " + event.kind().text() + "\ndata: " + event.json() + "\n\n");
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
