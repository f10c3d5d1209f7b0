package io.mooring.devstack.launcher.cli;

import io.mooring.devstack.launcher.place.DataFolder;
import io.mooring.devstack.launcher.place.RunState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./mooring status}. Exit code 0 if all runs, 1 if something does not. */
@Command(name = "status", description = "Says what runs where, and whether all is well.")
final class StatusCommand implements Callable<Integer> {
    @Mixin
    private CloudOptions cloud = new CloudOptions();

    @Option(names = "--json", description = "Print one JSON document.")
    private boolean json;

    @Override
    public Integer call() {
        DataFolder folder = cloud.look();
        RunState state = RunState.of(folder);
        boolean well =
                state.processes().stream().allMatch(process -> process.state().equals("ready"));
        if (json) {
            Output.json(document(folder, state, well));
        } else {
            Output.table(CloudTable.rows(state.processes(), state.launcher())).forEach(System.out::println);
            System.out.println(
                    "applications connect to mqtts://localhost:" + state.ports().mqttApplications());
            System.out.println("data: " + folder.path());
            System.out.println(well ? "all is well" : "something is not ready; ./mooring logs says more");
        }
        return well ? 0 : 1;
    }

    private static Map<String, Object> document(DataFolder folder, RunState state, boolean well) {
        List<Map<String, Object>> processes = new ArrayList<>();
        for (RunState.RunningProcess process : state.processes()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", process.name());
            one.put("state", process.state());
            one.put("url", process.url());
            one.put("pid", process.pid());
            one.put("memoryBytes", Memory.ofTree(process.pid()));
            one.put("deaths", process.deaths());
            one.put("log", process.log());
            processes.add(one);
        }
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("ok", well);
        document.put("data", folder.path().toString());
        document.put("launcher", state.launcher());
        document.put("ports", state.ports());
        document.put("processes", processes);
        return document;
    }
}
