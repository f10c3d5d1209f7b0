package io.mooring.devstack.launcher.process;

import java.util.ArrayList;
import java.util.List;

/**
 * Whom a process runs as, and the signal it gets if we die.
 *
 * @param user empty for ourselves; else the name of a user that we, being root, become
 * @param group that user's group
 * @param reachesAll whether that user may pass folders that are closed to it (a repository below
 *     root's home)
 * @param deathSignal such as {@code KILL}
 */
public record RunAs(String user, String group, boolean reachesAll, String deathSignal) {
    /** As ourselves, killed if we die. */
    public static final RunAs OURSELVES = new RunAs("", "", false, "KILL");

    /** Options of {@code setpriv}. */
    List<String> options() {
        List<String> options = new ArrayList<>();
        if (!user.isEmpty()) {
            options.addAll(List.of("--reuid", user, "--regid", group, "--clear-groups"));
            if (reachesAll) {
                options.addAll(List.of("--inh-caps", "+dac_override", "--ambient-caps", "+dac_override"));
                // Else access(2), by which initdb looks for its neighbours, takes no notice of the capability.
                options.addAll(List.of("--securebits", "+no_setuid_fixup"));
            }
        }
        options.addAll(List.of("--pdeathsig", deathSignal));
        return options;
    }
}
