package io.mooring.devstack.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.mooring.devstack.launcher.parts.DataTree;
import io.mooring.devstack.launcher.parts.JvmFlags;
import io.mooring.devstack.launcher.process.StartException;
import java.io.BufferedReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of the processes when the launcher itself ends, by all the ways it can. */
class LauncherIT {
    private Path folder;

    @BeforeEach
    void makeFolder() throws Exception {
        folder = Files.createTempDirectory("mooring-launcher-");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    }

    @AfterEach
    void deleteFolder() throws Exception {
        DataTree.delete(folder);
    }

    @Test
    void leavesNoOrphansWhenKilledAndGoesOnWithItsData() throws Exception {
        Launcher launcher = Launcher.start(folder);
        List<ProcessHandle> family = launcher.family();
        assertThat(family).as("PostgreSQL's and Kafka's processes").hasSizeGreaterThan(4);

        launcher.process().destroyForcibly();

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(family).noneMatch(ProcessHandle::isAlive));
        // At once: nobody should have to wait, or to clean up.
        try (Devstack stack = Devstack.builder()
                .brief()
                .dataDir(folder)
                .with(Component.POSTGRESQL, Component.KAFKA)
                .start()) {
            assertThat(stack.isReady(Component.KAFKA)).isTrue();
        }
    }

    @Test
    void stopsAllCleanlyWhenTerminated() throws Exception {
        Launcher launcher = Launcher.start(folder);
        List<ProcessHandle> family = launcher.family();

        launcher.process().destroy();

        assertThat(launcher.process().waitFor(Duration.ofSeconds(30))).isTrue();
        assertThat(family).noneMatch(ProcessHandle::isAlive);
        assertThat(Files.readString(folder.resolve("logs/postgresql.log"))).contains("database system is shut down");
        assertThat(folder.resolve("run/state.json")).doesNotExist();
    }

    @Test
    void keepsDataAndSecretsFromStartToStart() throws Exception {
        String password;
        try (Devstack stack = Devstack.builder()
                        .brief()
                        .dataDir(folder)
                        .with(Component.POSTGRESQL)
                        .start();
                Connection connection = stack.connection("mooring_sync");
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT mooring_create_cloud('main')");
            statement.execute("CREATE TABLE cloud_main.kept AS SELECT 42 AS answer");
            password = stack.password("mooring_sync");
        }
        try (Devstack stack = Devstack.builder()
                        .brief()
                        .dataDir(folder)
                        .with(Component.POSTGRESQL)
                        .start();
                Connection connection = stack.connection("mooring_sync");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT answer FROM cloud_main.kept")) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getInt(1)).isEqualTo(42);
            assertThat(stack.password("mooring_sync")).isEqualTo(password);
        }
    }

    @Test
    void namesThePortThatIsTaken() throws Exception {
        Ports ports = Ports.free();
        try (ServerSocket other = new ServerSocket(ports.kafka(), 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> Devstack.builder()
                            .brief()
                            .dataDir(folder)
                            .ports(ports)
                            .with(Component.POSTGRESQL, Component.KAFKA)
                            .start())
                    .isInstanceOf(StartException.class)
                    .hasMessage("port " + other.getLocalPort()
                            + " (kafka) is taken: stop what listens there, or move all ports with --port-offset N");
        }
        assertNothingRuns();
    }

    @Test
    void leavesNothingHalfStarted() throws Exception {
        Devstack.builder()
                .brief()
                .dataDir(folder)
                .with(Component.POSTGRESQL)
                .start()
                .close();
        // A database that PostgreSQL refuses, and a Kafka that would come up well.
        Files.writeString(folder.resolve("postgresql/postgresql.auto.conf"), "no_such_setting = on\n");

        assertThatThrownBy(() -> Devstack.builder()
                        .brief()
                        .dataDir(folder)
                        .with(Component.POSTGRESQL, Component.KAFKA)
                        .start())
                .isInstanceOf(StartException.class)
                .hasMessageContaining("postgresql ended with exit code 1")
                .hasMessageContaining("contains errors");
        assertNothingRuns();
    }

    @Test
    void refusesAFolderThatIsInUse() throws Exception {
        try (Devstack stack = Devstack.builder()
                .brief()
                .dataDir(folder)
                .with(Component.POSTGRESQL)
                .start()) {
            assertThatThrownBy(() -> Devstack.builder()
                            .brief()
                            .dataDir(stack.dataDir())
                            .with(Component.POSTGRESQL)
                            .start())
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("another launcher runs the cloud");
            assertThat(stack.isReady(Component.POSTGRESQL)).isTrue();
        }
    }

    private void assertNothingRuns() {
        try (Stream<ProcessHandle> children = ProcessHandle.current().descendants()) {
            assertThat(children.map(child -> child.info().commandLine().orElse("")))
                    .noneMatch(line -> line.contains(folder.toString()));
        }
    }

    /** A launcher in a process of its own. */
    private record Launcher(Process process, List<Long> pids) {
        static Launcher start(Path folder) throws Exception {
            Process process = new ProcessBuilder(
                            JvmFlags.java().toString(),
                            "-Dmooring.root=" + System.getProperty("mooring.root"),
                            "-cp",
                            System.getProperty("java.class.path"),
                            StartsTwoProcesses.class.getName(),
                            folder.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            BufferedReader reader = process.inputReader(StandardCharsets.UTF_8);
            String line = reader.readLine();
            assertThat(line).startsWith("pids ");
            return new Launcher(
                    process,
                    Arrays.stream(line.substring("pids ".length()).split(" "))
                            .map(Long::valueOf)
                            .toList());
        }

        /** What it started, and what that started. */
        List<ProcessHandle> family() {
            return pids.stream()
                    .map(pid -> ProcessHandle.of(pid).orElseThrow())
                    .flatMap(one -> Stream.concat(Stream.of(one), one.descendants()))
                    .toList();
        }
    }
}
