package io.mooring.devstack.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.devstack.launcher.place.Installation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The {@code mooring} script itself. */
class ScriptIT {
    @TempDir
    private Path temporary;

    private record Ended(int code, String out, String err) {}

    @Test
    void saysWhatItCanDoWithoutBuildingAnything() throws Exception {
        Ended help = run(script(), "help");

        assertThat(help.code()).isZero();
        assertThat(help.out()).contains("./mooring up", "./mooring demo", "./mooring test");
    }

    @Test
    void saysHowToGetAJdkWhereThereIsNone() throws Exception {
        // A version that no machine has yet.
        Path copy = temporary.resolve("mooring");
        Files.writeString(copy, Files.readString(script()).replace("needed=25", "needed=99"));
        Files.createDirectories(temporary.resolve("devstack"));

        Ended up = run(copy, "up");

        assertThat(up.code()).isEqualTo(1);
        assertThat(up.out()).isEmpty();
        assertThat(up.err().lines()).singleElement().asString().contains("a JDK 99 is needed", "JAVA_HOME", "apt-get");
        assertThat(temporary.resolve(".mooring")).doesNotExist();
    }

    @Test
    void knowsWhereNoCloudIs() throws Exception {
        Ended status = run(script(), "status", "--data", temporary.toString());

        assertThat(status.code()).isEqualTo(1);
        assertThat(status.out()).isEmpty();
        assertThat(status.err().lines())
                .singleElement()
                .asString()
                .startsWith("mooring: there is no Mooring cloud in " + temporary);
    }

    @Test
    void refusesWhatItDoesNotKnow() throws Exception {
        Ended wrong = run(script(), "sail");

        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err()).contains("sail");
    }

    private static Path script() {
        return Installation.find().root().resolve("mooring");
    }

    private Ended run(Path script, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("sh", script.toString()));
        command.addAll(List.of(arguments));
        Path out = temporary.resolve("out");
        Path err = temporary.resolve("err");
        int code = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start()
                .waitFor();
        return new Ended(
                code, Files.readString(out, StandardCharsets.UTF_8), Files.readString(err, StandardCharsets.UTF_8));
    }
}
