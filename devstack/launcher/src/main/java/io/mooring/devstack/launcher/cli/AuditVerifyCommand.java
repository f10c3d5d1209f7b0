package io.mooring.devstack.launcher.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.parts.JvmFlags;
import io.mooring.devstack.launcher.place.Installation;
import io.mooring.devstack.launcher.process.StartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Unmatched;

/**
 * {@code ./mooring audit verify}: hands a copy of the files to the verifier, which is a program of the audit service's jar and
 * needs nothing that runs; of a running cloud, its files, and what its database and Kafka know of them.
 */
@Command(
        name = "verify",
        description =
                "Verifies the trail. Of a running cloud: its files, against what the database and Kafka know. With"
                        + " --folder COPY --keys FILE: a copy, with nothing running; then also --heads FILE, --until TIME, --partial,"
                        + " --authority FILE. Exit code 0: valid, 1: not, 2: could not look.")
final class AuditVerifyCommand implements Callable<Integer> {
    private static final String VERIFIER = "io.mooring.audit.cli.VerifyMain";

    @Mixin
    private CloudOptions cloud = new CloudOptions();

    @Unmatched
    private List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        return arguments.contains("--folder") ? verify(arguments) : ofRunningCloud();
    }

    private int ofRunningCloud() throws IOException {
        RunningCloud running = cloud.running();
        Path place = Files.createTempDirectory("mooring-audit-");
        try (ApiClient api = ApiClient.audit(running)) {
            Path keys = Files.writeString(
                    place.resolve("keys.json"), api.get("/v1/audit/keys").toString());
            Path heads = Files.writeString(place.resolve("heads.json"), heads(api));
            List<String> all = new ArrayList<>(List.of(
                    "--folder",
                            Path.of(running.get("MOORING_DATA"))
                                    .resolve(Component.AUDIT.label())
                                    .toString(),
                    "--keys", keys.toString(),
                    "--heads", heads.toString(),
                    "--kafka", running.get("MOORING_KAFKA"),
                    "--topic", running.get("MOORING_TOPICS_PREFIX") + ".audit.digest.v1"));
            all.addAll(arguments);
            return verify(all);
        } finally {
            try (Stream<Path> left = Files.walk(place)) {
                for (Path file : left.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /** All heads, a page a line. */
    private static String heads(ApiClient api) {
        StringBuilder lines = new StringBuilder();
        String after = "";
        do {
            JsonNode page = api.get("/v1/audit/heads" + (after.isEmpty() ? "" : "?after=" + ApiClient.encoded(after)));
            lines.append(page).append('\n');
            after = page.path("next").asText("");
        } while (!after.isEmpty());
        return lines.toString();
    }

    private static int verify(List<String> arguments) {
        Path app = Installation.find().service(Component.AUDIT.label()).resolveSibling("");
        List<String> command = new ArrayList<>(List.of("setpriv", "--pdeathsig", "TERM"));
        command.addAll(JvmFlags.ofTool());
        command.addAll(List.of("-cp", app.resolve("app") + "/*:" + app.resolve("lib/main") + "/*", VERIFIER));
        command.addAll(arguments);
        try {
            return new ProcessBuilder(command).inheritIO().start().waitFor();
        } catch (IOException notStarted) {
            throw new StartException("the verifier could not be started: " + notStarted.getMessage(), notStarted);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return 130;
        }
    }
}
