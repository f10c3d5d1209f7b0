package io.mooring.devstack.launcher.cli;

import io.mooring.devstack.launcher.Devstack;
import io.mooring.devstack.launcher.place.DataFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Unmatched;

/** {@code ./mooring demo}, on the running cloud or on one of its own. */
@Command(
        name = "demo",
        description =
                "Lets devices join, write and be written to, and compares both sides: on the cloud that runs, or on"
                        + " one of its own. Options are handed on: --devices N, --rows M.")
final class DemoCommand implements Callable<Integer> {
    private static final String MAIN_CLASS = "io.mooring.e2e.Demo";

    @Mixin
    private CloudOptions cloud = new CloudOptions();

    @Unmatched
    private List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() {
        Path folder = cloud.folder();
        if (Files.exists(folder.resolve("run/state.json"))
                && DataFolder.look(folder).isRunning()) {
            return ToolProcess.run("e2e", MAIN_CLASS, arguments, cloud.running().environment());
        }
        System.err.println("mooring: no cloud runs in " + folder + "; starting one for the demo");
        try (Devstack stack = Devstack.builder().withAll().start()) {
            System.err.println("mooring: started");
            return ToolProcess.run(
                    "e2e",
                    MAIN_CLASS,
                    arguments,
                    RunningCloud.of(stack.folder(), RunningCloud.state(stack, Instant.now()))
                            .environment());
        }
    }
}
