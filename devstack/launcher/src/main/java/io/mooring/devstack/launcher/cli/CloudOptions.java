package io.mooring.devstack.launcher.cli;

import io.mooring.devstack.launcher.place.DataFolder;
import io.mooring.devstack.launcher.place.Installation;
import io.mooring.devstack.launcher.place.RunState;
import io.mooring.devstack.launcher.process.StartException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which cloud is meant. */
final class CloudOptions {
    private static final int HIGHEST_OFFSET = 57_000;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "The folder in which the cloud keeps all it has. Default: .mooring/data-N beside this script with"
                            + " --port-offset N, else MOORING_DATA if that is set, else .mooring/data.")
    private @Nullable Path data;

    @Option(
            names = "--port-offset",
            paramLabel = "N",
            defaultValue = "0",
            description = "Added to every port, so that clouds can run side by side.")
    private int portOffset;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Say what this command does.")
    @SuppressWarnings("unused")
    private boolean help;

    int portOffset() {
        if (portOffset < 0 || portOffset > HIGHEST_OFFSET) {
            throw new StartException("--port-offset must be from 0 to " + HIGHEST_OFFSET + ", not " + portOffset);
        }
        return portOffset;
    }

    Path folder() {
        if (data != null) {
            return data;
        }
        String chosen = System.getenv("MOORING_DATA");
        if (portOffset == 0 && chosen != null && !chosen.isBlank()) {
            return Path.of(chosen);
        }
        String name = portOffset == 0 ? "data" : "data-" + portOffset;
        return Installation.find().root().resolve(".mooring").resolve(name);
    }

    /** The options that mean the same cloud, for another command; empty, or beginning with a space. */
    String again() {
        String text = data == null ? "" : " --data " + data;
        return portOffset == 0 || data != null ? text : text + " --port-offset " + portOffset;
    }

    /** The cloud, which must be running; in a container, the one whose secrets the container was given. */
    RunningCloud running() {
        String secrets = System.getenv("MOORING_SECRETS");
        if (data == null && portOffset == 0 && secrets != null) {
            return RunningCloud.elsewhere(System.getenv(), Path.of(secrets));
        }
        DataFolder found = look();
        return RunningCloud.of(found, RunState.of(found));
    }

    /** The folder of the cloud, on this machine. */
    DataFolder look() {
        return DataFolder.look(folder());
    }
}
