package io.mooring.devstack.launcher.process;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How a process is started, known to be ready, and stopped.
 *
 * @param name what people call it
 * @param command the program and its arguments
 * @param environment all of its environment: nothing is inherited but what finds programs and files
 * @param workingDirectory where it runs
 * @param log where its output goes
 * @param readiness how it is known to be of use
 * @param readyWithin how long that may take at first start
 * @param runsAs whom it runs as, and what ends it if we end
 * @param stopSignal the signal that stops it cleanly, such as {@code TERM}
 * @param stopWithin how long that may take before it is killed
 */
public record ProcessPlan(
        String name,
        List<String> command,
        Map<String, String> environment,
        Path workingDirectory,
        Path log,
        Readiness readiness,
        Duration readyWithin,
        RunAs runsAs,
        String stopSignal,
        Duration stopWithin) {
    public ProcessPlan {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
    }

    /**
     * The command line that is run. {@code setsid}: Ctrl-C at the terminal must reach only us, who
     * stop the others in order. {@code --pdeathsig}: the kernel ends the process when we end, even by
     * kill -9.
     */
    List<String> commandLine() {
        ArrayList<String> line = new ArrayList<>(List.of("setsid", "setpriv"));
        line.addAll(runsAs.options());
        line.addAll(command);
        return line;
    }

    /**
     * Runs the program once, to its end.
     *
     * @throws StartException if it cannot be started, or ends with an exit code other than 0
     */
    public void runToEnd() {
        LogFile file = new LogFile(log);
        try {
            Process running = fork();
            try (BufferedReader reader = running.inputReader(StandardCharsets.UTF_8)) {
                reader.lines().forEach(file::write);
            }
            int code = running.waitFor();
            if (code != 0) {
                throw new StartException(Death.sentence(name, code, file.lastLines()));
            }
        } catch (IOException notStarted) {
            throw new StartException(name + " could not be started: " + notStarted.getMessage(), notStarted);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new StartException(name + " was interrupted", stopped);
        } finally {
            file.close();
        }
    }

    /** Starts the program. The calling thread must live as long as it: see {@link #commandLine()}. */
    Process fork() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(commandLine());
        builder.directory(workingDirectory.toFile());
        builder.redirectErrorStream(true);
        builder.redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
        Map<String, String> inherited = builder.environment();
        inherited.clear();
        inherited.putAll(environment);
        return builder.start();
    }
}
