package io.mooring.devstack.launcher.place;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mooring.devstack.launcher.Ports;
import io.mooring.devstack.launcher.process.StartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * What runs now, kept in {@code run/state.json} for the commands that are clients of it.
 *
 * @param launcher the launcher's process id
 * @param startedMillis when it was started, ms since 1970
 * @param ports where the components listen
 * @param topicsPrefix the prefix of all topics
 * @param processes what runs, in the order of starting
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record RunState(
        long launcher, long startedMillis, Ports ports, String topicsPrefix, List<RunningProcess> processes) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * One process.
     *
     * @param name the component's label
     * @param url where its users reach it; empty if they do not
     * @param pid its process id; 0 while it does not run
     * @param state {@code ready}, {@code starting}, {@code waiting}, …
     * @param deaths how often it died
     * @param log its log file
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record RunningProcess(String name, String url, long pid, String state, int deaths, String log) {}

    /**
     * Reads the state of the cloud in a folder.
     *
     * @throws StartException if none runs there
     */
    public static RunState of(DataFolder folder) {
        try {
            if (folder.isRunning() && Files.exists(folder.state())) {
                return JSON.readValue(Files.readAllBytes(folder.state()), RunState.class);
            }
        } catch (IOException unreadable) {
            throw new StartException(
                    "the state of the cloud in " + folder.path() + " cannot be read: " + unreadable.getMessage(),
                    unreadable);
        }
        throw new StartException("the cloud in " + folder.path() + " does not run: start it with ./mooring up");
    }

    /** Replaces what is kept. */
    public void write(DataFolder folder) {
        write(folder.state());
    }

    private void write(Path file) {
        try {
            Path fresh = file.resolveSibling(file.getFileName() + ".new");
            Files.write(fresh, JSON.writeValueAsBytes(this));
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException notWritten) {
            throw new StartException(
                    "the state cannot be kept in " + file + ": " + notWritten.getMessage(), notWritten);
        }
    }
}
