package io.mooring.devstack.launcher.parts;

import io.mooring.devstack.launcher.Component;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The JVM settings of every process, in one place: small heaps, one collector thread, quick starts. The first size of a
 * heap leaves room beside its young generation: a JVM that starts from a {@link StartCache} loads objects into it, and
 * does not start if they do not fit.
 */
public final class JvmFlags {
    private static final String FIRST_COMPILER_ONLY = "-XX:TieredStopAtLevel=1";

    private JvmFlags() {}

    /** The JVM that runs us runs the others. */
    public static Path java() {
        return Path.of(System.getProperty("java.home"), "bin", "java");
    }

    /** {@code java} and the settings of a component; what is to be run follows. */
    static List<String> of(Component component) {
        return switch (component) {
            // Start-up counts, throughput hardly: no second compiler.
            case PROVISIONING -> quick(96);
            // On the way of every row down, and of every row up until others hear of it.
            case CONNECT -> warm(192, "-Xms96m", "-Xmn64m");
            // Signs and checks signatures all day; what it makes for that is garbage at once.
            case CERTIFICATE_AUTHORITY -> warm(128, "-Xms80m", "-Xmn48m");
            // Hashes every byte, which only the second compiler does at speed.
            case FILES -> warm(96, "-XX:MaxDirectMemorySize=64m");
            // On the way of every row. Batches are dead before a young generation of this size is full, and what
            // of them lives fits the survivors' share. In a smaller one they are copied again and again, or end
            // among the old: that took half of the time.
            case SYNC -> warm(256, "-Xms160m", "-Xmn120m", "-XX:SurvivorRatio=2");
            // On the way of every command and its answer.
            case MESSAGING -> warm(160);
            // Hashes and packs every record; a log file at a time.
            case AUDIT -> warm(112, "-XX:MaxDirectMemorySize=32m");
            // On the way of every point; a batch is dead before a young generation of this size is full.
            // Beside it, up to 50 MB of series that it knows by heart.
            case METRICS -> warm(160, "-Xms64m", "-Xmn48m");
            // On the way of every line; a batch is dead before a young generation of this size is full.
            case LOGS -> warm(128, "-Xms64m", "-Xmn48m");
            // What it makes of a request is garbage at once: a young generation left to itself is collected twenty
            // times as often.
            case KAFKA -> warm(256, "-Xms80m", "-Xmn40m", "-XX:MaxDirectMemorySize=64m");
            case BROKER -> warm(256, "-XX:MaxDirectMemorySize=128m");
            case POSTGRESQL -> throw new IllegalArgumentException("PostgreSQL runs on no JVM");
        };
    }

    /** The same for a component that will run for minutes only. */
    static List<String> ofBrief(Component component) {
        List<String> flags = new ArrayList<>(of(component));
        flags.add(FIRST_COMPILER_ONLY);
        return flags;
    }

    /** {@code java} and the settings of a device. */
    public static List<String> ofDevice() {
        return quick(64);
    }

    /** {@code java} and the settings of a program that measures or checks. */
    public static List<String> ofTool() {
        return ofTool(512);
    }

    /** The same with another heap than usual. */
    public static List<String> ofTool(int heapMebibytes) {
        return warm(heapMebibytes);
    }

    private static List<String> quick(int heapMebibytes) {
        return withSettings(heapMebibytes, FIRST_COMPILER_ONLY);
    }

    private static List<String> warm(int heapMebibytes, String... more) {
        return withSettings(heapMebibytes, more);
    }

    private static List<String> withSettings(int heapMebibytes, String... more) {
        List<String> flags = new ArrayList<>();
        flags.add(java().toString());
        flags.add("-Xms16m");
        flags.add("-Xmx" + heapMebibytes + "m");
        flags.add("-XX:+UseSerialGC");
        // Gives back what a burst needed.
        flags.add("-XX:MinHeapFreeRatio=10");
        flags.add("-XX:MaxHeapFreeRatio=30");
        // Dead is better than limping: it is started again.
        flags.add("-XX:+ExitOnOutOfMemoryError");
        flags.add("-XX:-UsePerfData");
        flags.add("--enable-native-access=ALL-UNNAMED");
        flags.add("--sun-misc-unsafe-memory-access=allow");
        flags.addAll(List.of(more));
        return flags;
    }
}
