package io.mooring.bridge.stack;

import io.mooring.contracts.kafka.Topic;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How long a process lives, which decides what its JVM makes of it. */
public enum JvmUse {
    /** For a test: over before the second compiler's work would be worth it. */
    BRIEF,
    /** As in operation, for what is to be measured. */
    LASTING;

    /** Of a topic: for a test as few as there can be for what depends on there being several. */
    int partitions(Topic topic) {
        return this == BRIEF ? Math.min(topic.partitions(), 3) : topic.partitions();
    }

    /**
     * The options of a program's JVM.
     *
     * @param root of the project, where the build may have left what an earlier start of the program knew
     */
    List<String> flags(Path root, String program, String... more) {
        List<String> flags = new ArrayList<>(List.of(
                "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        flags.addAll(List.of(more));
        if (this == BRIEF) {
            flags.add("-XX:TieredStopAtLevel=1");
            Path cache = root.resolve(".mooring/start").resolve(program + ".aot");
            Path jar = root.resolve("devstack/" + program + "/target/mooring-devstack-" + program + ".jar");
            // The JVM does not look whether the program has changed since.
            if (cache.toFile().lastModified() >= jar.toFile().lastModified()) {
                flags.addAll(List.of("-XX:AOTCache=" + cache, "-Xlog:aot*=off,cds*=off"));
            }
        }
        return flags;
    }
}
