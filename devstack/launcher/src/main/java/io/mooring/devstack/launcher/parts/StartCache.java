package io.mooring.devstack.launcher.parts;

import io.mooring.devstack.launcher.place.Installation;
import io.mooring.devstack.launcher.process.ProcessPlan;
import io.mooring.devstack.launcher.process.StartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the JVM of a program keeps of an earlier start: its classes, loaded and linked, which makes the next start take
 * half of the processor time (JEP 483, 514, 515). The JVM checks by itself whether its version is still the same, and starts
 * without it if not. Whether the jars are it does not always check, and would run what they were: a cache that is older
 * than the program is left alone.
 *
 * <p>Made in two steps, as the JVM does by itself at its end if asked; apart, so that no process lives on while it
 * should have stopped.
 */
public final class StartCache {
    private static final String RECORDS = "-XX:AOTMode=record";
    private static final String QUIET = "-Xlog:aot*=off,cds*=off";

    private final Path file;
    private final Path jar;

    private StartCache(Path file, Path jar) {
        this.file = file;
        this.jar = jar;
    }

    /** The cache of a program. */
    public static StartCache of(Installation installation, String program) {
        return new StartCache(installation.startCache(program), installation.jar(program));
    }

    /** The options of a JVM that starts from it; none if there is none. */
    public List<String> use() {
        return isOfWhatIsBuilt() ? List.of("-XX:AOTCache=" + file, QUIET) : List.of();
    }

    private boolean isOfWhatIsBuilt() {
        try {
            return Files.getLastModifiedTime(file).compareTo(Files.getLastModifiedTime(jar)) >= 0;
        } catch (IOException oneIsMissing) {
            return false;
        }
    }

    /** The options of a JVM that notes down what it loads, at its end. */
    public List<String> record() {
        return List.of(RECORDS, "-XX:AOTConfiguration=" + notes(), QUIET);
    }

    /**
     * Makes the cache of what a process that was started with {@link #record} noted down.
     *
     * @throws StartException if that cannot be done; there is no cache then
     */
    public void assemble(ProcessPlan recorded) throws InterruptedException {
        List<String> command = new ArrayList<>(recorded.command());
        command.set(command.indexOf(RECORDS), "-XX:AOTMode=create");
        command.add(1, "-XX:AOTCache=" + file);
        try {
            Process assembly = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (assembly.waitFor() != 0 || !Files.isRegularFile(file)) {
                throw new StartException("no start cache of " + recorded.name() + " could be made");
            }
            Files.deleteIfExists(notes());
        } catch (IOException notMade) {
            throw new StartException("no start cache of " + recorded.name() + " could be made: " + notMade, notMade);
        }
    }

    private Path notes() {
        return file.resolveSibling(file.getFileName() + ".notes");
    }
}
