package io.mooring.bench;

import io.mooring.bench.audit.AuditBench;
import io.mooring.bench.bridge.BridgeBench;
import io.mooring.bench.bridge.ConnectionsBench;
import io.mooring.bench.command.CommandBench;
import io.mooring.bench.issuance.IssuanceBench;
import io.mooring.bench.log.LogSearchBench;
import io.mooring.bench.onboarding.OnboardingBench;
import io.mooring.bench.revocation.RegistryBench;
import io.mooring.bench.revocation.RevocationBench;
import io.mooring.bench.sync.CatchUpBench;
import io.mooring.bench.sync.ScaleBench;
import io.mooring.bench.sync.SyncDownBench;
import io.mooring.bench.sync.SyncUpBench;
import io.mooring.bench.telemetry.TelemetryBench;
import io.mooring.bench.telemetry.TelemetryScaleBench;
import java.util.Arrays;

/** The program behind {@code ./mooring bench NAME}: finds the benchmark of that name and hands it the other arguments. */
public final class Bench {
    private Bench() {}

    public static void main(String[] arguments) throws Exception {
        String name = arguments.length == 0 ? "" : arguments[0];
        String[] rest = arguments.length == 0 ? arguments : Arrays.copyOfRange(arguments, 1, arguments.length);
        switch (name) {
            case "audit" -> AuditBench.main(rest);
            case "bridge" -> BridgeBench.main(rest);
            case "catch-up" -> CatchUpBench.main(rest);
            case "command" -> CommandBench.main(rest);
            case "connections" -> ConnectionsBench.main(rest);
            case "issuance" -> IssuanceBench.main(rest);
            case "log-search" -> LogSearchBench.main(rest);
            case "onboarding" -> OnboardingBench.main(rest);
            case "registry" -> RegistryBench.main(rest);
            case "revocation" -> RevocationBench.main(rest);
            case "sync-down" -> SyncDownBench.main(rest);
            case "sync-scale" -> ScaleBench.main(rest);
            case "sync-up" -> SyncUpBench.main(rest);
            case "telemetry" -> TelemetryBench.main(rest);
            case "telemetry-scale" -> TelemetryScaleBench.main(rest);
            default -> {
                System.err.println(
                        "bench: say what to measure: audit, bridge, catch-up, command, connections, issuance, log-search, onboarding, registry, revocation,"
                                + " sync-down, sync-scale, sync-up, telemetry or telemetry-scale");
                System.exit(2);
            }
        }
    }
}
