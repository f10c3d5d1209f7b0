package io.mooring.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The agent as a program, killed with signal 9. */
@Timeout(120)
class KilledAgentIT extends JoinedDevices {
    private static final int KILLS = 3;
    private static final int ROWS_BETWEEN = 15;

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void killTheRest() throws InterruptedException {
        for (Process process : processes) {
            process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
    }

    private Process launch() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                "io.mooring.agent.Main",
                "--url",
                cloud.url(),
                "--ca",
                cloud.authorityFile.toString(),
                "--data",
                device().toString(),
                "--demo",
                "--demo-seconds",
                "0.02");
        builder.environment().put("MOORING_PRODUCT_TOKEN", TestCloud.PRODUCT_TOKEN);
        builder.redirectErrorStream(true);
        builder.redirectOutput(
                ProcessBuilder.Redirect.appendTo(folder.resolve("agent.log").toFile()));
        Process process = builder.start();
        processes.add(process);
        return process;
    }

    private Path device() {
        return folder.resolve("device");
    }

    /** What is committed in the device's database, as another program sees it. */
    private Set<String> rows() throws SQLException {
        Set<String> keys = new HashSet<>();
        try (Connection sql = connect();
                Statement statement = sql.createStatement();
                ResultSet rows = statement.executeQuery("SELECT sk FROM reading")) {
            while (rows.next()) {
                keys.add(rows.getString(1));
            }
        }
        return keys;
    }

    private Connection connect() throws SQLException {
        Connection sql = DriverManager.getConnection("jdbc:sqlite:" + device().resolve("device.db"));
        try (Statement statement = sql.createStatement()) {
            statement.execute("PRAGMA busy_timeout = 5000");
        }
        return sql;
    }

    @Test
    void losesNothingThatWasWrittenHoweverOftenItIsKilled() throws Exception {
        Set<String> written = new HashSet<>();
        for (int kill = 0; kill < KILLS; kill++) {
            // Each time at another point: nothing acknowledged, all of it, some of it.
            cloud.online = kill > 0;
            Process agent = launch();
            await().atMost(SOON)
                    .ignoreExceptions()
                    .untilAsserted(() -> assertThat(rows()).isNotNull());
            try (Connection sql = connect();
                    Statement statement = sql.createStatement()) {
                for (int i = 0; i < ROWS_BETWEEN; i++) {
                    String id = "app" + kill + "-" + i;
                    statement.execute("INSERT INTO reading (id, value) VALUES ('" + id + "', " + i + ")");
                    written.add("reading#" + id);
                }
            }
            written.addAll(rows());
            agent.destroyForcibly().waitFor();
            assertThat(rows()).containsAll(written);
        }

        cloud.online = true;
        Process last = launch();
        String id = JsonMapper.builder()
                .build()
                .readTree(device().resolve("device.json").toFile())
                .path("id")
                .asText();
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(cloud.rows(id).keySet()).containsAll(written));
        System.out.println(written.size() + " rows survived " + KILLS + " kills; the agent takes "
                + residentMebibytes(last) + " MiB");
        assertThat(residentMebibytes(last)).isLessThan(200);
    }

    private static long residentMebibytes(Process process) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) >> 10)
                .findFirst()
                .orElseThrow();
    }
}
