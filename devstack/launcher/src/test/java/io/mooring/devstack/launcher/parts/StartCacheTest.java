package io.mooring.devstack.launcher.parts;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.devstack.launcher.place.Installation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StartCacheTest {
    private static final Instant BUILT = Instant.parse("2026-11-29T12:00:00Z");

    @TempDir
    private Path root;

    @ParameterizedTest
    @ValueSource(strings = {"kafka", "sync", "demo-device"})
    void isUsedIfItWasMadeOfWhatIsBuilt(String program) throws Exception {
        made(new Installation(root).jar(program), BUILT);
        Path cache = made(new Installation(root).startCache(program), BUILT.plusSeconds(60));

        assertThat(StartCache.of(new Installation(root), program).use()).contains("-XX:AOTCache=" + cache);
    }

    /** The JVM would run the classes of then. */
    @Test
    void isNotUsedOnceTheProgramWasBuiltAgain() throws Exception {
        made(new Installation(root).startCache("kafka"), BUILT);
        made(new Installation(root).jar("kafka"), BUILT.plusSeconds(60));

        assertThat(StartCache.of(new Installation(root), "kafka").use()).isEmpty();
    }

    @Test
    void isNotUsedIfThereIsNone() throws Exception {
        made(new Installation(root).jar("kafka"), BUILT);

        assertThat(StartCache.of(new Installation(root), "kafka").use()).isEmpty();
    }

    private static Path made(Path file, Instant when) throws Exception {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "");
        return Files.setLastModifiedTime(file, FileTime.from(when));
    }
}
