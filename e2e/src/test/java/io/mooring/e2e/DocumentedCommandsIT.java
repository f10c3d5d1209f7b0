package io.mooring.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Runs every command of the guides in docs/ on a cloud that {@code ./mooring up} started. */
@ExtendWith(WholeCloud.class)
@Execution(ExecutionMode.CONCURRENT)
@Order(Integer.MAX_VALUE)
@ResourceLock(WholeCloud.PROCESSES)
class DocumentedCommandsIT {
    private static final Path ROOT = House.root();
    private static final Pattern SHELL = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);
    private static final Pattern PYTHON = Pattern.compile("```python\n(.*?)```", Pattern.DOTALL);

    @TempDir
    private static Path folder;

    private static Path data = Path.of("");

    @BeforeAll
    static void find(LocalCloud cloud) {
        data = cloud.folder();
    }

    @Test
    void aDeviceByHandJoinsAndSeesItsRow() throws Exception {
        needs("curl", "openssl", "jq", "mosquitto_rr");

        String said = run("bash", "-euo", "pipefail", script("docs/device-by-hand.md", SHELL));

        assertThat(said)
                .contains("{\"registered\":true}")
                .contains(": OK")
                .contains("\"seq\":1")
                .contains("\"keys\":[\"s#greeting\"]")
                .contains("greeting");
    }

    @Test
    void aDeviceJoinsAndComesBackOverEst() throws Exception {
        needs("curl", "openssl", "jq");

        String said = run("bash", "-euo", "pipefail", script("docs/est.md", SHELL));

        assertThat(said)
                .contains("prime256v1", "ecdsa-with-SHA256", "202\n", "200\n")
                .contains("device.crt: OK", "next.crt: OK");
    }

    @Test
    void anApplicationHearsADeviceCommandsItAndKnowsItsState() throws Exception {
        needs("curl", "openssl", "jq", "mosquitto_rr", "kcat");

        String said = run("bash", "-euo", "pipefail", script("docs/applications.md", SHELL));

        assertThat(said)
                .contains("/telemetry/room {\"celsius\":21.5}")
                .contains("\"state\":\"sent\"")
                .contains("delivered\nsucceeded\n")
                .contains("\"blinked\": 3")
                .contains("succeeded true\n")
                .contains("\"delta\":{\"lamp\":\"on\"}")
                .contains("\"lastSeen\"")
                .containsPattern("revoked\n401\n.* released\n");
    }

    @Test
    void aDeviceLogsAndPeopleSearchAndFollow() throws Exception {
        needs("curl", "jq", "aws");

        String said = run("bash", "-euo", "pipefail", script("docs/logs.md", SHELL));

        assertThat(said)
                // Of the agent that follows a file, of AWS' CLI, and of both when they are asked for.
                .contains("WARN  app: WARN battery low")
                .contains("\"nextSequenceToken\"")
                .contains("/var/log/app ERROR battery empty\n", "\napp WARN battery low\n")
                .contains("app: INFO tick")
                .containsPattern("\"products\":\\{\"[^\"]+\":90}")
                .contains(" released");
        // Who set it is in the trail, by the way that what the service says goes.
        Awaitility.await()
                .atMost(60, TimeUnit.SECONDS)
                .untilAsserted(() -> assertThat(run("./mooring", "audit", "search", "--what", "SetLogRetention"))
                        .contains("SetLogRetention"));
    }

    @Test
    void whatADeviceMeasuresIsSummedUp() throws Exception {
        needs("curl", "jq", "aws");

        String said = run("bash", "-euo", "pipefail", script("docs/metrics.md", SHELL));

        assertThat(said)
                .contains("\"taken\":1,\"refused\":0")
                .containsPattern("temperature +room=kitchen")
                .containsPattern("\\[\"kitchen\",22(\\.0)?,2]")
                .contains(" released");
    }

    @Test
    void theTrailSaysWhoDidWhatAndIsWhole() throws Exception {
        needs("curl", "jq", "aws");

        String said = run("bash", "-euo", "pipefail", script("docs/audit.md", SHELL));

        assertThat(said)
                .contains("signs no more: ")
                .contains("digest files valid")
                .contains("\"Username\": \"launcher\"");
    }

    @Test
    void theFactoryGetsClaimIdsAsAListAndAsCodes() throws Exception {
        needs("jq");
        Path list = folder.resolve("ids.csv");
        Path codes = folder.resolve("codes");

        run("bash", "-euo", "pipefail", write("claims.sh", """
                product=$(./mooring product create thermostat --json | jq -r .id)
                ./mooring claims issue --product $product --count 3 --secrets --csv %s --qr %s
                """.formatted(list, codes)));

        List<String> lines = Files.readAllLines(list);
        assertThat(lines).hasSize(4).first().isEqualTo("id,secret");
        assertThat(lines.subList(1, 4)).doesNotHaveDuplicates().allMatch(line -> line.matches("[0-9A-Z]{10},\\S{20,}"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(list)))
                .isEqualTo("rw-------");
        for (String line : lines.subList(1, 4)) {
            assertThat(codes.resolve(line.substring(0, 10) + ".svg")).content().startsWith("<svg");
        }
    }

    @Test
    void aConsumerInAnotherLanguageReadsTheTopics() throws Exception {
        needs("python3");
        assumeTrue(
                new ProcessBuilder("python3", "-c", "import confluent_kafka")
                                .start()
                                .waitFor()
                        == 0,
                "SKIPPED, LOUDLY: confluent-kafka is not installed (pip install confluent-kafka)");
        String id = "INSERTED01";
        run("bash", "-euo", "pipefail", write("insert.sh", """
                ./mooring sql "INSERT INTO cloud_main.store (device_id, key, value) VALUES ('%s', 'k', '1')"
                """.formatted(id)));

        List<String> programs = blocks("docs/consumers.md", PYTHON);
        assertThat(programs).hasSize(2);
        // Other tests write to these topics too.
        reads("changes", programs.get(0), "", "cloud_main\\.store s#k by cloud at 20\\d\\d-");
        reads("rows", programs.get(1), "mooring.row.main.store.v1", "written INSERTED01/s#k by cloud");
    }

    private static void reads(String name, String program, String argument, String expected) throws Exception {
        Path said = folder.resolve(name + ".log");
        String python = write(name + ".py", program);
        Process reader = start(
                said,
                "bash",
                "-euo",
                "pipefail",
                write(name + ".sh", "eval \"$(./mooring env)\"\nexec python3 -u " + python + " " + argument));
        try {
            Awaitility.await()
                    .atMost(60, TimeUnit.SECONDS)
                    .untilAsserted(() -> assertThat(read(said)).containsPattern(expected));
        } finally {
            reader.destroy();
            reader.waitFor();
        }
    }

    private static void needs(String... programs) {
        for (String program : programs) {
            boolean there = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                    .anyMatch(place -> Files.isExecutable(Path.of(place, program)));
            if (!there && "true".equals(System.getenv("CI"))) {
                throw new IllegalStateException(program + " is not installed, and CI must have it");
            }
            assumeTrue(there, "SKIPPED, LOUDLY: " + program + " is not installed");
        }
    }

    private static String script(String document, Pattern blocks) throws Exception {
        return write(Path.of(document).getFileName() + ".script", String.join("\n", blocks(document, blocks)));
    }

    private static List<String> blocks(String document, Pattern blocks) throws Exception {
        List<String> found = new ArrayList<>();
        Matcher block = blocks.matcher(Files.readString(ROOT.resolve(document)));
        while (block.find()) {
            found.add(block.group(1));
        }
        return found;
    }

    private static String write(String name, String text) throws Exception {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    private static String run(String... command) throws Exception {
        Path log = Files.createTempFile(folder, "said", ".log");
        Process process = start(log, command);
        boolean ended = process.waitFor(120, TimeUnit.SECONDS);
        process.destroy();
        String said = read(log);
        assertThat(ended && process.exitValue() == 0)
                .as("what the commands said: %s", said)
                .isTrue();
        return said;
    }

    private static Process start(Path log, String... command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(List.of(command))
                .directory(ROOT.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("MOORING_DATA", data.toString());
        // The same Java for programs of ours that are started by hand.
        builder.environment()
                .merge(
                        "PATH",
                        Path.of(System.getProperty("java.home"), "bin").toString(),
                        (path, java) -> java + File.pathSeparator + path);
        return builder.start();
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
