package io.mooring.devstack.launcher.cli;

import io.mooring.devstack.launcher.place.RunState.RunningProcess;
import java.util.ArrayList;
import java.util.List;

/** The table of what runs where. */
final class CloudTable {
    private CloudTable() {}

    static List<List<String>> rows(List<RunningProcess> processes, long launcher) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("WHAT", "STATE", "WHERE", "PID", "MEMORY"));
        long sum = Memory.of(launcher);
        for (RunningProcess process : processes) {
            long memory = process.pid() == 0 ? 0 : Memory.ofTree(process.pid());
            sum += memory;
            rows.add(List.of(
                    process.name(),
                    process.state(),
                    process.url(),
                    process.pid() == 0 ? "-" : Long.toString(process.pid()),
                    Memory.text(memory)));
        }
        rows.add(List.of("launcher", "", "", Long.toString(launcher), Memory.text(Memory.of(launcher))));
        rows.add(List.of("all", "", "", "", Memory.text(sum)));
        return rows;
    }
}
