package io.mooring.devstack.launcher.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Unmatched;

/** {@code ./mooring check-sync}. */
@Command(name = "check-sync", description = "Compares devices' databases with the cloud's, row by row.")
final class CheckSyncCommand implements Callable<Integer> {
    @Mixin
    private CloudOptions cloud = new CloudOptions();

    @Unmatched
    private List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() {
        return ToolProcess.run(
                "e2e", "io.mooring.e2e.CheckSync", arguments, cloud.running().environment());
    }
}
