package io.mooring.messaging;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.messaging.core.Application;
import io.mooring.messaging.core.Caller;
import io.mooring.messaging.core.CommandReader;
import io.mooring.messaging.core.Outcome;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.time.Clock;

/** What applications ask over MQTT about commands: the same as over HTTP, by the same rules. */
@Singleton
public class RequestHandler {
    private static final String COMMAND = "command/";
    private static final String SHOW = "show/";
    private static final String ABORT = "abort/";

    private final Clock clock = Clock.systemUTC();
    private final ApplicationHandler applications;
    private final CommandHandler commands;
    private final CommandReader.Limits limits;

    public RequestHandler(ApplicationHandler applications, CommandHandler commands, MessagingConfig config) {
        this.applications = applications;
        this.commands = commands;
        this.limits = new CommandReader.Limits(
                config.limits().listedDevices(), config.limits().argumentBytes());
    }

    /** Whether a request is about commands. */
    public static boolean isMine(String subject) {
        return subject.equals("command")
                || subject.startsWith(COMMAND)
                || subject.startsWith(SHOW)
                || subject.startsWith(ABORT);
    }

    /**
     * Does what an application asks: {@code command/DEVICE} or {@code command} with the body that HTTP has, {@code
     * show/COMMAND}, {@code abort/COMMAND}.
     *
     * @param origin of the request, unique: asked twice, done once
     */
    public Outcome<ObjectNode> ask(String id, String subject, Outcome<JsonNode> body, String origin)
            throws SQLException {
        Outcome<Application> found = applications.find(id);
        return found.then(application -> {
            if (!application.active()) {
                return Outcome.refused("revoked", "The application was revoked.");
            }
            Caller caller = application.caller();
            if (subject.startsWith(SHOW)) {
                return commands.standing(caller, subject.substring(SHOW.length()))
                        .then(standing -> Outcome.done(CommandHandler.view(standing)));
            }
            if (subject.startsWith(ABORT)) {
                return commands.abort(caller, subject.substring(ABORT.length()))
                        .then(command -> Outcome.done(CommandHandler.view(command)));
            }
            return body.then(json -> command(application, caller, subject, json, origin));
        });
    }

    private Outcome<ObjectNode> command(
            Application application, Caller caller, String subject, JsonNode json, String origin) throws SQLException {
        if (subject.startsWith(COMMAND) && json instanceof ObjectNode object) {
            object.put("device", subject.substring(COMMAND.length()));
        }
        return CommandReader.read(json, application.cloud(), limits, clock.instant())
                .then(wanted -> commands.take(caller, wanted, "mqtt " + origin, json.toString()))
                .then(taken -> {
                    commands.leave(taken.id());
                    return commands.standing(caller, taken.id());
                })
                .then(standing -> Outcome.done(CommandHandler.view(standing)));
    }
}
