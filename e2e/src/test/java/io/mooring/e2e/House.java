package io.mooring.e2e;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the project lies. */
final class House {
    private House() {}

    /** The folder that holds the {@code mooring} script, above the one the tests run in. */
    static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (folder != null && !Files.exists(folder.resolve("mvnw"))) {
            folder = folder.getParent();
        }
        if (folder == null) {
            throw new IllegalStateException("no mvnw above " + Path.of("").toAbsolutePath());
        }
        return folder;
    }
}
