package io.mooring.deploy.images;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One image: what is in it, and what it runs.
 *
 * @param name past the common part: {@code sync} of {@code mooring/sync}
 * @param module the folder of the module whose build it holds
 * @param layers from what changes least to what changes most
 * @param program what the JVM runs, as its arguments
 * @param arguments of the program, which a container may replace
 * @param environment what holds in a container and not elsewhere
 * @param folders what may be written to, if mounted
 * @param health the port and path that say whether it is ready; empty if nothing does
 */
public record Image(
        String name,
        String module,
        List<Layer> layers,
        List<String> program,
        List<String> arguments,
        Map<String, String> environment,
        List<String> folders,
        Optional<Health> health) {
    /**
     * Files that change together.
     *
     * @param name for people
     * @param files the folders and files of the build, below the repository's root, and where each goes
     */
    public record Layer(String name, Map<String, String> files) {}

    /**
     * Where to ask.
     *
     * @param port plain HTTP
     * @param path answers 200 if ready
     */
    public record Health(int port, String path) {}

    private static final String READY = "/q/health/ready";

    /** A Quarkus service, by the name of its folder and the port of its health. */
    static Image service(String name, int port, String... folders) {
        String module = "services/" + name;
        String built = module + "/target/quarkus-app/";
        return new Image(
                name,
                module,
                List.of(
                        new Layer("libraries", Map.of(built + "lib", "/app/lib")),
                        new Layer("quarkus", Map.of(built + "quarkus", "/app/quarkus")),
                        new Layer(
                                "service",
                                Map.of(built + "app", "/app/app", built + "quarkus-run.jar", "/app/quarkus-run.jar"))),
                List.of("-jar", "/app/quarkus-run.jar"),
                List.of(),
                Map.of("QUARKUS_HTTP_HOST", "0.0.0.0"),
                List.of(folders),
                Optional.of(new Health(port, READY)));
    }

    /** A program with its libraries beside it. */
    static Image program(
            String name,
            String module,
            String jar,
            Map<String, String> more,
            List<String> program,
            List<String> arguments,
            Optional<Health> health,
            String... folders) {
        String target = module + "/target";
        return new Image(
                name,
                module,
                List.of(
                        new Layer("libraries", Map.of(target + "/lib", "/app/lib")),
                        new Layer("program", with(more, target + "/" + jar, "/app/" + jar))),
                program,
                arguments,
                Map.of(),
                List.of(folders),
                health);
    }

    private static Map<String, String> with(Map<String, String> more, String from, String to) {
        Map<String, String> all = new java.util.TreeMap<>(more);
        all.put(from, to);
        return all;
    }
}
