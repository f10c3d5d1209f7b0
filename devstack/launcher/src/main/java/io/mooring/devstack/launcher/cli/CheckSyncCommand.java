package io.mooring.devstack.launcher.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** {@code ./mooring check-sync}: starts a cloud of its own, since it breaks it. */
@Command(
        name = "check-sync",
        description =
                "Breaks a cloud of its own in every way while devices and SQL write, and checks what sync promises."
                        + " Options are handed on: --seed S, --minutes M, --runs N, --history FILE, --keep, --verify FILE.")
final class CheckSyncCommand implements Callable<Integer> {
    @Unmatched
    private List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() {
        return ToolProcess.run("e2e", "io.mooring.e2e.check.CheckSync", arguments, Map.of());
    }
}
