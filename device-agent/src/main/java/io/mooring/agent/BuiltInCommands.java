package io.mooring.agent;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.agent.command.CommandHandler.Outcome;
import io.mooring.agent.command.CommandSettings;
import io.mooring.agent.enrol.ProvisioningClient.Answer;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * The commands an agent does itself (device protocol, section 3.1). What the configuration says of one goes first: how
 * to reboot or to update, only the device's maker knows.
 */
final class BuiltInCommands {
    private static final String REBOOT = "reboot";
    private static final String RELEASE = "release";
    private static final String REPROVISION = "reprovision";

    private static final String UPDATE = "update";

    private static final Duration ASKING = Duration.ofSeconds(60);
    private static final Duration AT_ONCE = Duration.ofSeconds(10);

    /** Done when the process has begun anew. */
    static final Set<String> SURVIVING = Set.of(REBOOT, UPDATE);

    /** So that the answer goes up before the device leaves. */
    private static final long LEAVE_MILLIS = 1_000;

    private BuiltInCommands() {}

    static CommandSettings of(AgentConfig config, DeviceAgent agent) {
        CommandSettings all = config.commands();
        if (!all.handlers().containsKey(RELEASE)) {
            all = all.with(
                    RELEASE,
                    (command, progress) -> {
                        Thread.ofVirtual().start(() -> leave(agent));
                        return new Outcome.Succeeded(null);
                    },
                    AT_ONCE);
        }
        if (!all.handlers().containsKey(REPROVISION)) {
            all = all.with(
                    REPROVISION,
                    (command, progress) -> {
                        agent.renewCertificate();
                        return new Outcome.Succeeded(null);
                    },
                    AT_ONCE);
        }
        if (!all.handlers().containsKey(UPDATE)) {
            all = all.with(UPDATE, (command, progress) -> update(agent), ASKING);
        }
        return all;
    }

    /** What is offered is for a program of the device's maker: it knows how to install it. */
    private static Outcome update(DeviceAgent agent) throws IOException, InterruptedException {
        return switch (agent.askUpdate().orElse(null)) {
            case null -> new Outcome.Failed("the device has not joined a cloud", null);
            case Answer.Granted(ObjectNode body)
            when !body.hasNonNull("url") -> new Outcome.Succeeded(Map.of("update", "none"));
            case Answer.Granted(ObjectNode body) ->
                new Outcome.Failed("an update is there, but no program is configured to install it", body);
            case Answer.Wait wait -> new Outcome.Failed(wait.reason(), null);
            case Answer.Denied denied -> new Outcome.Failed(denied.reason(), null);
        };
    }

    private static void leave(DeviceAgent agent) {
        try {
            Thread.sleep(LEAVE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        agent.release();
    }
}
