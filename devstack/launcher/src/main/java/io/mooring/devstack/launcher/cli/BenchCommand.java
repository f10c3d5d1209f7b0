package io.mooring.devstack.launcher.cli;

import io.mooring.devstack.launcher.parts.JvmFlags;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Unmatched;

/** {@code ./mooring bench}: starts what it measures itself. */
@Command(
        name = "bench",
        description =
                "Measures: audit, bridge, catch-up, command, connections, issuance, log-search, onboarding, registry, revocation, sync-down,"
                        + " sync-scale, sync-up, telemetry or telemetry-scale.")
final class BenchCommand implements Callable<Integer> {
    /** Ten thousand clients with a TLS engine each, in MiB. */
    private static final int HEAP_OF_MANY_DEVICES = 4096;

    @Parameters(paramLabel = "NAME", arity = "0..1", description = "What to measure.")
    private String name = "";

    @Unmatched
    private List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() {
        List<String> all = new ArrayList<>();
        if (!name.isEmpty()) {
            all.add(name);
        }
        all.addAll(arguments);
        List<String> java = name.equals("command") ? JvmFlags.ofTool(HEAP_OF_MANY_DEVICES) : JvmFlags.ofTool();
        return ToolProcess.run(java, "bench", "io.mooring.bench.Bench", all, Map.of());
    }
}
