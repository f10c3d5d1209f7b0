package io.mooring.devstack.launcher.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./mooring env}. */
@Command(
        name = "env",
        description = "Prints where everything is and how to get in, for a shell: eval \"$(./mooring env)\".")
final class EnvCommand implements Callable<Integer> {
    @Mixin
    private CloudOptions cloud = new CloudOptions();

    @Option(names = "--json", description = "Print one JSON document.")
    private boolean json;

    @Override
    public Integer call() {
        var variables = cloud.running().environment();
        if (json) {
            Output.json(variables);
        } else {
            variables.forEach((name, value) -> System.out.println("export " + name + "=" + quoted(value)));
        }
        return 0;
    }

    /** As a POSIX shell reads it back. */
    static String quoted(String value) {
        return "'" + value.replace("'", "'\\''") + "'";
    }
}
