package io.mooring.provisioning;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.devstack.launcher.Component;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The EST client of another house, GlobalSign's, as a program. */
record SecondEstClient(Path program, TestCloud cloud, Path folder) {
    /** Where {@code e2e/est-client/build} puts it. */
    static Path find() {
        return TestCloud.root().resolve("e2e/est-client/target/estclient");
    }

    /** Makes a key and a request for it, in the files {@code device.key} and {@code request.pem}. */
    void makeRequest(String id) throws Exception {
        KeyPair key = TestKeys.newKey();
        Files.writeString(
                folder.resolve("device.key"),
                TestKeys.pem("PRIVATE KEY", key.getPrivate().getEncoded()));
        Files.writeString(folder.resolve("request.pem"), TestKeys.request(key, id));
    }

    void run(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        String server = cloud.stack().url(Component.PROVISIONING).replace("https://", "");
        command.addAll(List.of(
                "-server", server, "-explicit", cloud.stack().authorityFile().toString()));
        Path said = folder.resolve("said.txt");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        boolean ended = process.waitFor(30, TimeUnit.SECONDS);
        process.destroy();
        assertThat(ended && process.exitValue() == 0)
                .as("%s said: %s", arguments[0], Files.readString(said))
                .isTrue();
    }
}
