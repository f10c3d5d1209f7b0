package io.mooring.metrics.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** A program of somebody else's, which integration tests run as people would. */
final class Tool {
    private static final long PATIENCE_SECONDS = 60;

    private Tool() {}

    /** How a program ended, and what it said on both streams. */
    record Ended(int code, String said) {}

    /** Skips the test loudly if a program is missing; on continuous integration it may not be. */
    static void require(String... command) {
        String why = "not found: " + String.join(" ", command) + " (pip install awscli boto3)";
        boolean there;
        try {
            there = run(Map.of(), command).code() == 0;
        } catch (IOException missing) {
            there = false;
        }
        if (!there && "true".equals(System.getenv("CI"))) {
            Assertions.fail(why);
        }
        if (!there) {
            System.err.println("\n*** SKIPPED: " + why + " ***\n");
        }
        Assumptions.assumeTrue(there, why);
    }

    /** Runs a program with these variables in addition to ours; none of AWS' settings are inherited. */
    static Ended run(Map<String, String> environment, String... command) throws IOException {
        Path output = Files.createTempFile("mooring-tool", ".txt");
        try {
            ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(List.of(command)));
            builder.environment().keySet().removeIf(name -> name.startsWith("AWS_"));
            builder.environment().putAll(environment);
            Process process = builder.redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(command[0] + " did not end: " + Files.readString(output));
            }
            return new Ended(process.exitValue(), Files.readString(output));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IOException(stopped);
        } finally {
            Files.deleteIfExists(output);
        }
    }
}
