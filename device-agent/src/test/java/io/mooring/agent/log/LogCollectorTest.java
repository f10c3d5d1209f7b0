package io.mooring.agent.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is captured reaches the cloud once, whatever becomes of files, of the agent and of the connection. */
class LogCollectorTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    /** Lines by batch: one that is sent again is the same. */
    private final Map<String, List<JsonNode>> taken = new LinkedHashMap<>();

    private final List<String> troubles = new CopyOnWriteArrayList<>();
    private final List<LogCollector> collectors = new ArrayList<>();
    private volatile boolean online = true;
    private volatile int answersToLose;

    @AfterEach
    void stop() {
        collectors.forEach(LogCollector::close);
    }

    private synchronized CompletableFuture<byte[]> cloud(byte[] batch) {
        if (!online) {
            return CompletableFuture.failedFuture(new IOException("away"));
        }
        // Gzip only where that is shorter, as services read it.
        try (InputStream plain = new ByteArrayInputStream(batch);
                InputStream in = batch[0] == '{' ? plain : new GZIPInputStream(plain)) {
            JsonNode json = JSON.readTree(in.readAllBytes());
            String id = json.path("id").asText();
            List<JsonNode> lines = new ArrayList<>();
            json.path("lines").forEach(lines::add);
            if (taken.containsKey(id)) {
                assertThat(lines).isEqualTo(taken.get(id));
            }
            taken.put(id, lines);
            if (answersToLose-- > 0) {
                return CompletableFuture.failedFuture(new IOException("the answer got lost"));
            }
            return CompletableFuture.completedFuture(
                    "{\"id\":\"%s\",\"taken\":1,\"refused\":0}".formatted(id).getBytes(StandardCharsets.UTF_8));
        } catch (IOException broken) {
            throw new IllegalStateException(broken);
        }
    }

    private synchronized List<JsonNode> lines() {
        return taken.values().stream().flatMap(List::stream).toList();
    }

    private List<String> texts() {
        return lines().stream().map(line -> line.path("text").asText()).toList();
    }

    private LogCollector collect(String settings) throws IOException {
        Path file = Files.writeString(folder.resolve("settings.json"), settings.replace('\'', '"'));
        LogCollector collector = LogCollector.start(
                LogSettings.read(file), folder.resolve("spool"), this::cloud, troubles::add, Clock.systemUTC());
        collectors.add(collector);
        return collector;
    }

    private String file(Path log) {
        return "{'gatherSeconds':0.1,'sources':[{'name':'app','file':'" + log + "','from':'start'}]}";
    }

    private static void write(Path file, String... rows) throws IOException {
        Files.write(file, Arrays.asList(rows), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private void awaitTexts(String... wanted) {
        await().atMost(SOON).untilAsserted(() -> assertThat(texts()).containsExactly(wanted));
    }

    @Test
    void aFileIsFollowedThroughRotationAndRestart() throws Exception {
        Path log = folder.resolve("app.log");
        write(log, "one", "two");
        LogCollector first = collect(file(log));
        awaitTexts("one", "two");

        write(log, "three");
        Files.move(log, folder.resolve("app.log.1"));
        write(log, "four");
        awaitTexts("one", "two", "three", "four");
        first.close();

        // While the agent is away: more is written, and the file is renamed again.
        write(log, "five");
        Files.move(folder.resolve("app.log.1"), folder.resolve("app.log.2"));
        Files.move(log, folder.resolve("app.log.1"));
        write(log, "six");
        collect(file(log));
        awaitTexts("one", "two", "three", "four", "five", "six");

        // Cut to nothing, as logrotate's copytruncate does.
        Files.writeString(log, "");
        await().pollDelay(Duration.ofMillis(600)).until(() -> true);
        write(log, "7");
        awaitTexts("one", "two", "three", "four", "five", "six", "7");
    }

    @Test
    void whatWasThereBeforeIsNotCapturedUnlessAskedFor() throws Exception {
        Path log = folder.resolve("app.log");
        write(log, "old");
        String settings = file(log).replace(",'from':'start'", "");
        LogCollector first = collect(settings);
        // Read to its end before anything is added.
        await().atMost(SOON).until(() -> Files.exists(folder.resolve("spool/places.json")));
        write(log, "new");
        awaitTexts("new");
        first.close();
        write(log, "newer");
        collect(settings);
        awaitTexts("new", "newer");
    }

    @Test
    void rowsAreJoinedAndTimesAndLevelsRead() throws Exception {
        Path log = folder.resolve("app.log");
        Instant at = Instant.now().minusSeconds(3_600).truncatedTo(ChronoUnit.MILLIS);
        write(
                log,
                at + " ERROR broken",
                "java.io.IOException: no",
                "\tat a.B.c(B.java:1)",
                "Caused by: x",
                "2001-01-01 00:00:00 WARN a clock that was not set",
                "y".repeat(100_000));
        collect(file(log));

        await().atMost(SOON).untilAsserted(() -> assertThat(lines()).hasSize(4));
        assertThat(lines().getFirst().path("time").asLong()).isEqualTo(at.toEpochMilli());
        assertThat(lines().getFirst().path("level").asText()).isEqualTo("error");
        assertThat(texts().get(1)).isEqualTo("java.io.IOException: no\n\tat a.B.c(B.java:1)\nCaused by: x");
        assertThat(lines().get(2).path("level").asText()).isEqualTo("warn");
        assertThat(lines().get(2).path("time").asLong()).isGreaterThan(at.toEpochMilli());
        assertThat(texts().get(3)).endsWith(" more bytes]").hasSizeLessThan(33_000);
    }

    @Test
    void allOfItWaitsOnDiskWhileTheCloudIsAwayAndComesOnceInOrder() throws Exception {
        Path log = folder.resolve("app.log");
        online = false;
        answersToLose = 2;
        List<String> wanted = new ArrayList<>();
        LogCollector collector = collect(file(log));
        for (int i = 0; i < 5; i++) {
            write(log, "line " + i);
            wanted.add("line " + i);
            int batches = i + 1;
            await().atMost(SOON).until(() -> collectors.getLast().waiting() == batches);
            if (i == 2) {
                collector.close();
                collector = collect(file(log));
            }
        }
        online = true;
        await().atMost(SOON).until(() -> collectors.getLast().waiting() == 0);
        assertThat(texts()).isEqualTo(wanted);
    }

    @Test
    void whatDoesNotFitGoesAndIsSaid() throws Exception {
        Path log = folder.resolve("app.log");
        online = false;
        collect("{'gatherSeconds':0.1,'spoolMegabytes':1,'sources':[{'name':'app','file':'" + log
                + "','from':'start'}]}");
        Random random = new Random(1);
        // Not to be compressed: some 20 kB each.
        for (int i = 0; i < 100; i++) {
            StringBuilder text = new StringBuilder();
            random.ints(10_000, 0x4e00, 0x9fff).forEach(text::appendCodePoint);
            write(log, "%03d %s".formatted(i, text));
        }
        write(log, "the last");
        // All of it is captured: the newest batch says that the file is read to its end.
        await().atMost(SOON).until(() -> newestHead().contains("\"at\":" + Files.size(log) + ","));
        online = true;
        await().atMost(SOON).until(() -> texts().contains("the last"));

        List<String> numbers = texts().stream()
                .map(text -> text.substring(0, Math.min(60, text.length())).replaceAll(" .*[^ -~].*", ""))
                .toList();
        long kept = numbers.stream().filter(text -> text.matches("\\d{3}")).count();
        long dropped = numbers.stream()
                .filter(text -> text.contains(" lines dropped: they waited"))
                .mapToLong(text -> Long.parseLong(text.substring(0, text.indexOf(' '))))
                .sum();
        assertThat(kept).isBetween(30L, 80L);
        assertThat(kept + dropped).isEqualTo(100);
        assertThat(numbers).contains("099").doesNotContain("000");
    }

    /** What the newest batch on the disk says of itself. */
    private String newestHead() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("spool"))) {
            Path newest = files.filter(file -> file.toString().endsWith(".batch"))
                    .max(Path::compareTo)
                    .orElse(null);
            return newest == null
                    ? ""
                    : new String(Files.readAllBytes(newest), StandardCharsets.ISO_8859_1).split("\n", 2)[0];
        }
    }

    @Test
    void aSourceThatIsTooFastIsHeldBackAndSaysHowManyLinesItLost() throws Exception {
        Path log = folder.resolve("app.log");
        String[] rows = new String[500];
        Arrays.setAll(rows, i -> "row " + i);
        write(log, rows);
        collect("{'gatherSeconds':0.1,'sources':[{'name':'app','file':'" + log
                + "','from':'start','linesPerSecond':20,'burst':50}]}");

        await().atMost(SOON).untilAsserted(() -> {
            long rowsTaken =
                    texts().stream().filter(text -> text.startsWith("row ")).count();
            long dropped = texts().stream()
                    .filter(text -> text.contains(" lines dropped: they came faster"))
                    .mapToLong(text -> Long.parseLong(text.substring(0, text.indexOf(' '))))
                    .sum();
            assertThat(rowsTaken).isBetween(49L, 200L);
            assertThat(rowsTaken + dropped).isEqualTo(500);
        });
    }

    @Test
    void aProgramsOutputIsCapturedAndItIsStartedAgain() throws Exception {
        Path program = script("program", "echo started; echo '[warn] trouble' >&2");
        collect("{'gatherSeconds':0.1,'sources':[{'name':'p','program':'" + program + "'}]}");

        await().atMost(SOON)
                .untilAsserted(() -> assertThat(texts()).startsWith("started", "[warn] trouble", "started"));
        assertThat(lines().get(1).path("level").asText()).isEqualTo("warn");
        assertThat(lines().get(1).path("source").asText()).isEqualTo("p");
    }

    @Test
    void theJournalGoesOnAfterTheEntryThatWasReadLast() throws Exception {
        Path journal = script("journalctl", """
                case "$*" in
                  *--after-cursor=c2*) from=3 ;;
                  *"-n 0"*) from=1 ;;
                  *) exit 1 ;;
                esac
                for n in 1 2 3 4; do
                  [ $n -lt $from ] || [ $n -ge $((from + 2)) ] ||
                    echo "{\\"__CURSOR\\":\\"c$n\\",\\"__REALTIME_TIMESTAMP\\":\\"1795773600123456\\",\\"PRIORITY\\":\\"3\\",\\"SYSLOG_IDENTIFIER\\":\\"sshd\\",\\"MESSAGE\\":[110,$((48 + n))]}"
                done
                exec sleep 60""");
        String settings = "{'gatherSeconds':0.1,'sources':[{'name':'journal','journal':'" + journal + "'}]}";
        LogCollector first = collect(settings);
        awaitTexts("sshd: n1", "sshd: n2");
        assertThat(lines().getFirst().path("time").asLong()).isEqualTo(1_795_773_600_123L);
        assertThat(lines().getFirst().path("level").asText()).isEqualTo("error");
        first.close();
        collect(settings);
        awaitTexts("sshd: n1", "sshd: n2", "sshd: n3", "sshd: n4");
    }

    private Path script(String name, String text) throws IOException {
        Path script = Files.writeString(folder.resolve(name), "#!/bin/sh\n" + text + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return script;
    }

    @Test
    void settingsThatCannotBeAreRefusedWithTheirPlace() throws Exception {
        for (String bad : List.of(
                "{",
                "{}",
                "{'sources':[{'file':'/x'}]}",
                "{'sources':[{'name':'a'}]}",
                "{'sources':[{'name':'a','file':'/x','own':true}]}",
                "{'sources':[{'name':'a','file':'/x','begins':'('}]}",
                "{'sources':[{'name':'a','file':'/x'},{'name':'a','file':'/y'}]}",
                "{'spoolMegabytes':0,'sources':[{'name':'a','file':'/x'}]}")) {
            assertThatIOException().as(bad).isThrownBy(() -> collect(bad)).withMessageContaining("settings.json");
        }
        try (Stream<Path> made = Files.list(folder)) {
            assertThat(made).noneMatch(path -> path.endsWith("spool"));
        }
    }
}
