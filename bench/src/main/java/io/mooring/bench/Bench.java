package io.mooring.bench;

import io.mooring.bench.bridge.BridgeBench;
import io.mooring.bench.issuance.IssuanceBench;
import io.mooring.bench.onboarding.OnboardingBench;
import io.mooring.bench.revocation.RegistryBench;
import io.mooring.bench.revocation.RevocationBench;
import java.util.Arrays;

/** The program behind {@code ./mooring bench NAME}: finds the benchmark of that name and hands it the other arguments. */
public final class Bench {
    private Bench() {}

    public static void main(String[] arguments) throws Exception {
        String name = arguments.length == 0 ? "" : arguments[0];
        String[] rest = arguments.length == 0 ? arguments : Arrays.copyOfRange(arguments, 1, arguments.length);
        switch (name) {
            case "bridge" -> BridgeBench.main(rest);
            case "issuance" -> IssuanceBench.main(rest);
            case "onboarding" -> OnboardingBench.main(rest);
            case "registry" -> RegistryBench.main(rest);
            case "revocation" -> RevocationBench.main(rest);
            default -> {
                System.err.println("bench: say what to measure: bridge, issuance, onboarding, registry or revocation");
                System.exit(2);
            }
        }
    }
}
