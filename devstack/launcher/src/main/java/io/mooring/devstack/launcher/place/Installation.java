package io.mooring.devstack.launcher.place;

import io.mooring.devstack.launcher.process.StartException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The repository, and where in it the built artefacts lie. Everything is found by path, so that what
 * runs is what ships.
 *
 * @param root the folder of the {@code mooring} script
 */
public record Installation(Path root) {
    private static final String PROPERTY = "mooring.root";

    /**
     * The repository we run in: the system property {@code mooring.root}, or upwards from the working
     * directory.
     *
     * @throws StartException if there is none
     */
    public static Installation find() {
        String given = System.getProperty(PROPERTY);
        if (given != null) {
            return new Installation(Path.of(given).toAbsolutePath().normalize());
        }
        @Nullable Path folder = Path.of("").toAbsolutePath();
        while (folder != null) {
            if (Files.isRegularFile(folder.resolve("mooring")) && Files.isDirectory(folder.resolve("devstack"))) {
                return new Installation(folder);
            }
            folder = folder.getParent();
        }
        throw new StartException(
                "Mooring's repository was not found: run this inside it, or set the system property " + PROPERTY);
    }

    /** A class path of a devstack program: its jar and the jars gathered beside it. */
    public String classPath(String program) {
        Path jar = built(jar(program));
        return jar + ":" + jar.resolveSibling("lib") + "/*";
    }

    /** The jar that starts a service. */
    public Path service(String name) {
        return built(jar(name));
    }

    /** The jar that a program is started from, whether it is built or not. */
    public Path jar(String program) {
        return root.resolve(
                switch (program) {
                    case "kafka", "connect", "broker", "launcher" ->
                        "devstack/" + program + "/target/mooring-devstack-" + program + ".jar";
                    case "demo-device" -> "device-agent/target/mooring-device-agent.jar";
                    default -> "services/" + program + "/target/quarkus-app/quarkus-run.jar";
                });
    }

    /** The bridge, as a user installs it. */
    public Path bridge() {
        return built(root.resolve("mqtt-bridge/target/mooring-mqtt-bridge.zip"));
    }

    /** What a superuser runs before services start. */
    public Path bootstrapSql() {
        return root.resolve("deploy/postgresql/bootstrap.sql");
    }

    /** The folder of this module's own build. */
    public Path launcherTarget() {
        return root.resolve("devstack/launcher/target");
    }

    /** Where the start cache of a program lies, if there is one; {@code ./mooring build} makes it. */
    public Path startCache(String program) {
        return root.resolve(".mooring/start").resolve(program + ".aot");
    }

    /** A file of the build, by its path below the root. */
    public Path built(String path) {
        return built(root.resolve(path));
    }

    private Path built(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new StartException(root.relativize(path) + " is not built yet: run ./mvnw package -DskipTests");
        }
        return path;
    }
}
