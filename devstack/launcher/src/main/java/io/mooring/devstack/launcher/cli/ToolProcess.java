package io.mooring.devstack.launcher.cli;

import io.mooring.devstack.launcher.parts.JvmFlags;
import io.mooring.devstack.launcher.place.Installation;
import io.mooring.devstack.launcher.process.StartException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A program of the repository that is a client of a cloud: the demo, a benchmark, a check. */
final class ToolProcess {
    private ToolProcess() {}

    /**
     * Runs it at our terminal, to its end; if we end first, it ends with us.
     *
     * @param module the folder it is built in
     * @param mainClass what is run
     * @param arguments for it
     * @param variables added to our environment
     * @return its exit code
     */
    static int run(String module, String mainClass, List<String> arguments, Map<String, String> variables) {
        return run(JvmFlags.ofTool(), module, mainClass, arguments, variables);
    }

    /**
     * The same.
     *
     * @param java {@code java} and its settings
     */
    static int run(
            List<String> java, String module, String mainClass, List<String> arguments, Map<String, String> variables) {
        Installation installation = Installation.find();
        Path target = installation.root().resolve(module).resolve("target");
        Path jar = installation.built(module + "/target/mooring-" + module + ".jar");
        List<String> command = new ArrayList<>(List.of("setpriv", "--pdeathsig", "TERM"));
        command.addAll(java);
        command.add("-Dmooring.root=" + installation.root());
        command.addAll(List.of("-cp", jar + ":" + target.resolve("lib") + "/*", mainClass));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        builder.environment().putAll(variables);
        try {
            return builder.start().waitFor();
        } catch (IOException notStarted) {
            throw new StartException(mainClass + " could not be started: " + notStarted.getMessage(), notStarted);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return 130;
        }
    }
}
