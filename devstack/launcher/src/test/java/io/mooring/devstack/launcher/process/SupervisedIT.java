package io.mooring.devstack.launcher.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SupervisedIT {
    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir
    private static Path folder;

    private final Told told = new Told();

    @Test
    void startsAgainWhatDied() throws Exception {
        try (Supervised process = new Supervised(shell("echo ready; exec sleep 100"), told, true)) {
            process.start();
            process.awaitReady(SOON);
            long first = process.pid().orElseThrow();

            process.kill();
            process.awaitReady(SOON);

            assertThat(process.pid().orElseThrow()).isNotEqualTo(first);
            assertThat(process.deaths()).isEqualTo(1);
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(told.sentences)
                            .containsExactly(
                                    "trial ready",
                                    "trial was killed (signal 9); again in 200 ms",
                                    "trial ready again"));
        }
    }

    @Test
    void saysWhyAProcessThatNeverGotReadyEnded() {
        try (Supervised process = new Supervised(shell("echo 'ERROR the cable is unplugged'; exit 7"), told, true)) {
            process.start();

            assertThatThrownBy(() -> process.awaitReady(SOON))
                    .isInstanceOf(StartException.class)
                    .hasMessage("trial ended with exit code 7: ERROR the cable is unplugged");
            assertThat(process.state()).isEqualTo(ProcessState.FAILED);
        }
    }

    @Test
    void givesUpWaitingAfterATime() {
        try (Supervised process = new Supervised(shell("exec sleep 100"), told, true)) {
            process.start();

            assertThatThrownBy(() -> process.awaitReady(Duration.ofMillis(300)))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("trial was not ready within");
        }
    }

    @Test
    void stopsByForceWhatDoesNotListen() throws Exception {
        Supervised process = new Supervised(shell("trap '' TERM; echo ready; while :; do sleep 1; done"), told, true);
        process.start();
        process.awaitReady(SOON);
        ProcessHandle handle = ProcessHandle.of(process.pid().orElseThrow()).orElseThrow();

        process.close();

        assertThat(handle.isAlive()).isFalse();
        assertThat(told.sentences).anyMatch(sentence -> sentence.contains("was killed"));
    }

    @Test
    void canBeStoppedAndStartedAgain() throws Exception {
        try (Supervised process = new Supervised(shell("echo ready; exec sleep 100"), told, true)) {
            process.start();
            process.awaitReady(SOON);
            process.stop();
            assertThat(process.state()).isEqualTo(ProcessState.STOPPED);
            assertThat(process.pid()).isEmpty();

            process.start();
            process.awaitReady(SOON);

            assertThat(process.pid()).isPresent();
        }
    }

    @Test
    void canBeStoppedWhileItWaitsToBeStartedAgain() throws Exception {
        try (Supervised process = new Supervised(shell("echo ready; sleep 0.2; exit 1"), told, true)) {
            process.start();
            await().atMost(SOON).until(() -> process.deaths() >= 4);

            process.stop();

            assertThat(process.state()).isEqualTo(ProcessState.STOPPED);
        }
    }

    @Test
    void keepsItsOutput() throws Exception {
        try (Supervised process = new Supervised(shell("echo before; echo ready; sleep 5"), told, true)) {
            process.start();
            process.awaitReady(SOON);

            assertThat(process.lastLines()).containsExactly("before", "ready");
            assertThat(Files.readString(process.plan().log())).contains("before\nready\n");
        }
    }

    /** As PostgreSQL's user, from a checkout in root's home: initdb asks by access(2) for the server beside it. */
    @Test
    void seesProgramsInFoldersThatAreClosedToItsUser() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root becomes somebody else");
        Path closed = Files.createDirectory(
                folder.resolve("closed"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path program = Files.createFile(
                closed.resolve("program"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));

        shell("test -x " + program, new RunAs("nobody", "nogroup", true, "KILL"))
                .runToEnd();
        assertThatThrownBy(() -> shell("test -x " + program, new RunAs("nobody", "nogroup", false, "KILL"))
                        .runToEnd())
                .isInstanceOf(StartException.class);
    }

    private static ProcessPlan shell(String script) {
        return shell(script, RunAs.OURSELVES);
    }

    private static ProcessPlan shell(String script, RunAs runsAs) {
        return new ProcessPlan(
                "trial",
                List.of("sh", "-c", script),
                Map.of("PATH", System.getenv().getOrDefault("PATH", "/usr/bin:/bin")),
                folder,
                folder.resolve("trial.log"),
                new Readiness.Says("ready"),
                SOON,
                runsAs,
                "TERM",
                Duration.ofSeconds(1));
    }

    private static final class Told implements Notices {
        private final List<String> sentences = new CopyOnWriteArrayList<>();

        @Override
        public void ready(String name, boolean again) {
            sentences.add(name + (again ? " ready again" : " ready"));
        }

        @Override
        public void died(String name, String why, @Nullable Duration restartsIn) {
            sentences.add(why + (restartsIn == null ? "" : "; again in " + restartsIn.toMillis() + " ms"));
        }

        @Override
        public void stopping() {
            sentences.add("stopping");
        }

        @Override
        public void stopped() {
            sentences.add("stopped");
        }

        @Override
        public void note(String sentence) {
            sentences.add(sentence);
        }
    }
}
