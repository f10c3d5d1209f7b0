package io.mooring.certificates;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs programs that are not ours, in a folder. */
final class Tools {
    private final Path folder;

    Tools(Path folder) {
        this.folder = folder;
    }

    /** What a program said on both its outputs, and how it ended. */
    record Result(int code, String output) {}

    /** Skips the test with a loud word where a program is missing; fails in continuous integration. */
    void require(String... programs) throws Exception {
        for (String program : programs) {
            boolean found = run(List.of("sh", "-c", "command -v " + program)).code() == 0;
            if (!found && "true".equals(System.getenv("CI"))) {
                throw new AssertionError(program + " is missing; .ci/run installs it");
            }
            assumeTrue(found, "SKIPPED: " + program + " is missing on this machine; .ci/run says how to install it");
        }
    }

    Result openssl(String[] arguments, Path... more) throws Exception {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(Arrays.asList(arguments));
        Arrays.stream(more).map(Path::toString).forEach(command::add);
        return run(command);
    }

    /** Has a linter of pkilint look at a document; its code is the number of errors. */
    Result lint(String linter, Path document, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(linter, "lint", "-s", "ERROR"));
        command.addAll(Arrays.asList(options));
        command.add(document.toString());
        return run(command);
    }

    Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    Result run(List<String> command) throws Exception {
        Path output = Files.createTempFile(folder, "output", ".txt");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IllegalStateException(command.getFirst() + " does not end");
        }
        return new Result(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    }
}
