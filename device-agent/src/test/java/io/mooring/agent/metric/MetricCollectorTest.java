package io.mooring.agent.metric;

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
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
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

/** What is measured reaches the cloud once, whatever becomes of the agent, of the disk and of the connection. */
class MetricCollectorTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Instant NOON = Instant.parse("2026-11-27T12:00:00Z");

    @TempDir
    private Path folder;

    /** Entries by batch: one that is sent again is the same. */
    private final Map<String, List<JsonNode>> taken = new LinkedHashMap<>();

    private final List<String> troubles = new CopyOnWriteArrayList<>();
    private final List<MetricCollector> collectors = new ArrayList<>();
    private volatile boolean online = true;
    private volatile int answersToLose;
    private volatile String answer = "{\"id\":\"%s\",\"taken\":1,\"refused\":0}";

    @AfterEach
    void stop() {
        collectors.forEach(MetricCollector::close);
    }

    private synchronized CompletableFuture<byte[]> cloud(byte[] batch) {
        if (!online) {
            return CompletableFuture.failedFuture(new IOException("away"));
        }
        // The broker takes no more in one message.
        assertThat(batch).hasSizeLessThan(256 * 1_024);
        try (InputStream plain = new ByteArrayInputStream(batch);
                InputStream in = batch[0] == '{' ? plain : new GZIPInputStream(plain)) {
            JsonNode json = JSON.readTree(in.readAllBytes());
            String id = json.path("id").asText();
            List<JsonNode> entries = new ArrayList<>();
            json.path("points").forEach(entries::add);
            if (taken.containsKey(id)) {
                assertThat(entries).isEqualTo(taken.get(id));
            }
            taken.put(id, entries);
            if (answersToLose-- > 0) {
                return CompletableFuture.failedFuture(new IOException("the answer got lost"));
            }
            return CompletableFuture.completedFuture(answer.formatted(id).getBytes(StandardCharsets.UTF_8));
        } catch (IOException broken) {
            throw new IllegalStateException(broken);
        }
    }

    private synchronized List<JsonNode> entries() {
        return taken.values().stream().flatMap(List::stream).toList();
    }

    /** All values of a metric, in the order in which they came. */
    private List<Double> values(String metric) {
        List<Double> values = new ArrayList<>();
        for (JsonNode entry : entries()) {
            if (entry.path("metric").asText().equals(metric)) {
                entry.path("points").forEach(point -> values.add(point.path(1).asDouble()));
                if (entry.has("value")) {
                    values.add(entry.path("value").asDouble());
                }
            }
        }
        return values;
    }

    private MetricCollector collect(String settings, Path spool) throws IOException {
        Path file = Files.writeString(folder.resolve("settings.json"), settings.replace('\'', '"'));
        MetricCollector collector = MetricCollector.start(
                MetricSettings.read(file),
                spool,
                this::cloud,
                () -> Map.of("process.uptime", 5.0, "agent.rows.waiting", 2.0),
                troubles::add,
                Clock.systemUTC());
        collectors.add(collector);
        return collector;
    }

    private MetricCollector collect(String settings) throws IOException {
        return collect(settings, spool());
    }

    private Path spool() {
        return folder.resolve("spool");
    }

    private static Point point(String metric, double value, Map<String, String> dimensions) {
        return Point.Series.of(metric, dimensions.isEmpty() ? List.of() : List.of(dimensions), Point.SELF)
                .at(value, NOON);
    }

    private void awaitAllSent() {
        await().atMost(SOON).until(() -> collectors.getLast().waiting() == 0);
    }

    @Test
    void pointsOfASeriesGoUpTogetherWithTheirTimes() throws Exception {
        MetricCollector collector = collect("{'gatherSeconds':3600}");
        Point.Series series = Point.Series.of("pressure", List.of(Map.of(), Map.of("room", "a")), Point.SELF);
        collector.record(series.at(1, NOON));
        collector.record(point("level", 7, Map.of()));
        collector.record(series.at(-2.5, NOON.plusMillis(1)));
        collector.flush();

        awaitAllSent();
        assertThat(entries())
                .containsExactly(
                        JSON.readTree("""
                                {"metric":"pressure","dimensions":[{},{"room":"a"}],
                                 "points":[[1795780800000,1.0],[1795780800001,-2.5]]}"""), JSON.readTree("{\"metric\":\"level\",\"points\":[[1795780800000,7.0]]}"));
    }

    @Test
    void allOfItWaitsOnDiskWhileTheCloudIsAwayAndComesOnceInOrder() throws Exception {
        online = false;
        answersToLose = 2;
        List<Double> wanted = new ArrayList<>();
        MetricCollector collector = collect("{'gatherSeconds':3600}");
        for (int i = 0; i < 5; i++) {
            collector.record(point("n", i, Map.of()));
            wanted.add((double) i);
            if (i == 1) {
                // What is gathered is kept when it ends, too.
                collector.close();
                collector = collect("{'gatherSeconds':3600}");
            } else {
                collector.flush();
            }
        }
        assertThat(collector.waiting()).isEqualTo(5);
        online = true;
        collector.connected();

        awaitAllSent();
        assertThat(values("n")).isEqualTo(wanted);
        assertThat(troubles).isEmpty();
    }

    @Test
    void whatWasFlushedIsThereAfterAKill() throws Exception {
        online = false;
        MetricCollector collector = collect("{'gatherSeconds':3600}");
        collector.record(point("n", 1, Map.of()));
        collector.flush();
        collector.record(point("n", 2, Map.of()));
        // The disk as it is found after one: half a batch beside it.
        Path found = Files.createDirectory(folder.resolve("found"));
        try (Stream<Path> files = Files.list(spool())) {
            for (Path file : files.toList()) {
                Files.copy(file, found.resolve(file.getFileName()));
            }
        }
        Files.writeString(found.resolve("0000000000000001.batch.new"), "{\"life\":");

        collect("{'gatherSeconds':3600}", found);
        online = true;
        collectors.getLast().connected();

        awaitAllSent();
        assertThat(values("n")).containsExactly(1.0);
    }

    @Test
    void manyPointsDoNotWaitForTheTimeToGather() throws Exception {
        MetricCollector collector = collect("{'gatherSeconds':3600}");
        for (int i = 0; i < 2_500; i++) {
            collector.record(point("n", i, Map.of()));
        }
        await().atMost(SOON).until(() -> values("n").size() == 1_998);

        collector.flush();
        awaitAllSent();
        assertThat(values("n")).hasSize(2_500);
        assertThat(taken.values())
                .allSatisfy(batch -> assertThat(batch.stream()
                                .mapToInt(entry -> entry.path("points").size())
                                .sum())
                        .isLessThan(1_000));
    }

    @Test
    void whatDoesNotFitGoesAndIsSaid() throws Exception {
        online = false;
        MetricCollector collector = collect("{'gatherSeconds':3600,'spoolMegabytes':1}");
        Random random = new Random(1);
        int recorded = 5_000;
        for (int i = 0; i < recorded; i++) {
            StringBuilder text = new StringBuilder();
            // Not to be compressed much: some 1 kB each.
            random.ints(400, 0x4e00, 0x9fff).forEach(text::appendCodePoint);
            collector.record(point("n", i, Map.of("text", text.toString())));
        }
        collector.flush();
        assertThat(sizeOfSpool()).isLessThan((1 << 20) + 256 * 1_024);
        long dropped = collector.dropped();
        assertThat(dropped).isPositive();
        assertThat(troubles).singleElement().asString().contains(" points dropped: they waited for the cloud");
        online = true;
        collector.connected();

        awaitAllSent();
        List<Double> kept = values("n");
        assertThat(kept.size() + dropped).isEqualTo(recorded);
        assertThat(kept).contains(recorded - 1.0).doesNotContain(0.0).isSorted();
        assertThat(values(MetricSpool.DROPPED).stream()
                        .mapToDouble(Double::doubleValue)
                        .sum())
                .isEqualTo(dropped);
    }

    private long sizeOfSpool() throws IOException {
        try (Stream<Path> files = Files.list(spool())) {
            long size = 0;
            for (Path file : files.toList()) {
                size += Files.size(file);
            }
            return size;
        }
    }

    @Test
    void aDiskThatTakesNothingIsWaitedOutWithBoundedMemory() throws Exception {
        MetricCollector collector = collect("{'gatherSeconds':0.1}");
        Files.delete(spool());
        int recorded = 10_000;
        for (int i = 0; i < recorded; i++) {
            collector.record(point("n", i, Map.of()));
        }
        await().atMost(SOON).until(() -> troubles.size() == 1);
        assertThat(troubles.getFirst()).contains("cannot be written");
        Files.createDirectory(spool());

        await().atMost(SOON).until(() -> values("n").contains(recorded - 1.0));
        awaitAllSent();
        assertThat(values("n").size() + collector.dropped()).isEqualTo(recorded);
        assertThat(values(MetricSpool.DROPPED)).containsExactly((double) collector.dropped());
        assertThat(collector.dropped()).isBetween(5_000L, 7_000L);
    }

    @Test
    void whatTheCloudRefusesIsToldAndNotSentAgain() throws Exception {
        MetricCollector collector = collect("{'gatherSeconds':3600}");
        answer = "{\"id\":\"%s\",\"taken\":0,\"refused\":1,\"refusals\":[{\"point\":0,\"detail\":\"too old\"}]}";
        collector.record(point("n", 1, Map.of()));
        collector.flush();
        awaitAllSent();
        answer = "{\"error\":\"no JSON\",\"code\":\"malformed-json\"}";
        collector.record(point("n", 2, Map.of()));
        collector.flush();
        awaitAllSent();

        assertThat(troubles)
                .containsExactly("the cloud refuses 1 points: too old", "the cloud refuses a batch of points: no JSON");
    }

    @Test
    void forgetsWhatWaits() throws Exception {
        online = false;
        MetricCollector collector = collect("{'gatherSeconds':3600}");
        collector.record(point("n", 1, Map.of()));
        collector.flush();
        collector.record(point("n", 2, Map.of()));
        collector.forget();
        collector.record(point("n", 3, Map.of()));
        collector.flush();
        online = true;
        collector.connected();

        awaitAllSent();
        assertThat(values("n")).containsExactly(3.0);
    }

    @Test
    void measuresFilesProgramsAndItselfAsItIsConfigured() throws Exception {
        Path temperature = Files.writeString(folder.resolve("temp"), "21500\n");
        Path memory = Files.writeString(folder.resolve("meminfo"), "MemTotal: 9 kB\nMemFree:   1234 kB\n");
        Path program = script("program", "echo 'rssi: -61.5 dBm'; (sleep 60 >/dev/null &)");
        collect("""
                {'gatherSeconds':0.1, // short
                 'sources':[
                  {'metric':'temperature','file':'%s','factor':0.001,'everySeconds':0.1,'dimensions':{'room':'a'}},
                  {'metric':'free','file':'%s','pattern':'MemFree: +([0-9]+)','dimensions':[{},{'of':'memory'}]},
                  {'metric':'rssi','program':'%s','pattern':'rssi: ([-0-9.]+)'},
                  {'own':true,'dimensions':{'by':'agent'}},
                 ]}""".formatted(temperature, memory, program));

        await().atMost(SOON).untilAsserted(() -> {
            assertThat(values("temperature")).hasSizeGreaterThan(2).containsOnly(21.5);
            assertThat(values("free")).containsExactly(1_234.0);
            assertThat(values("rssi")).containsExactly(-61.5);
            assertThat(values("process.uptime")).containsExactly(5.0);
            assertThat(values("agent.rows.waiting")).containsExactly(2.0);
        });
        assertThat(entries())
                .anySatisfy(
                        entry -> assertThat(entry.path("dimensions").toString()).isEqualTo("[{},{\"of\":\"memory\"}]"))
                .anySatisfy(
                        entry -> assertThat(entry.path("dimensions").toString()).isEqualTo("[{\"by\":\"agent\"}]"));
        assertThat(troubles).isEmpty();
    }

    @Test
    void whatCannotBeMeasuredIsToldOnceUntilItCan() throws Exception {
        Path late = folder.resolve("late");
        Path noNumber = Files.writeString(folder.resolve("none"), "n/a\n");
        Path slow = script("slow", "exec sleep 60");
        // It ends, but what it leaves running holds on to its output.
        Path lingering = script("lingering", "echo 1; sleep 3 &");
        Path failing = script("failing", "echo 1; exit 3");
        collect("""
                {'gatherSeconds':0.1,'sources':[
                  {'metric':'late','file':'%s','everySeconds':0.1},
                  {'metric':'none','file':'%s','everySeconds':0.1},
                  {'metric':'slow','program':'%s','timeoutSeconds':0.3,'everySeconds':0.1},
                  {'metric':'lingering','program':'%s','timeoutSeconds':0.3,'everySeconds':60},
                  {'metric':'failing','program':'%s'},
                  {'metric':'missing','program':'%s'}]}""".formatted(late, noNumber, slow, lingering, failing, folder.resolve("missing")));

        // The JVM may close its end of the pipe first, as the program has ended: then what it said is taken.
        String lingers = "lingering cannot be measured: it takes more than 300 ms";
        await().atMost(SOON)
                .until(() -> troubles.contains(lingers) || !values("lingering").isEmpty());
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(others(troubles, lingers)).hasSizeGreaterThanOrEqualTo(5));
        Files.writeString(late, "5 degrees");
        await().atMost(SOON).until(() -> values("late").size() > 2);
        assertThat(others(troubles, lingers))
                .hasSize(5)
                .anyMatch(told -> told.startsWith("late cannot be measured: "))
                .contains(
                        "none cannot be measured: no number, but: n/a",
                        "slow cannot be measured: it takes more than 300 ms",
                        "failing cannot be measured: it ended with status 3")
                .anyMatch(told -> told.startsWith("missing cannot be measured: "));
    }

    private static List<String> others(List<String> troubles, String but) {
        return troubles.stream().filter(told -> !told.equals(but)).toList();
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
                "[]",
                "{'sources':[{'file':'/x'}]}",
                "{'sources':[{'metric':'m'}]}",
                "{'sources':[{'metric':'m','file':'/x','program':'y'}]}",
                "{'sources':[{'metric':'m','own':true}]}",
                "{'sources':[{'metric':'m','program':' '}]}",
                "{'sources':[{'metric':'m','file':'/x','everySeconds':0}]}",
                "{'sources':[{'metric':'m','file':'/x','everySeconds':'often'}]}",
                "{'sources':[{'metric':'m','program':'x','timeoutSeconds':0}]}",
                "{'sources':[{'metric':'m','file':'/x','factor':'k'}]}",
                "{'sources':[{'metric':'m','file':'/x','pattern':'('}]}",
                "{'sources':[{'metric':'m','file':'/x','pattern':'[0-9]+'}]}",
                "{'sources':[{'metric':'m','file':'/x','dimensions':'room'}]}",
                "{'sources':[{'metric':'m','file':'/x','dimensions':{'room':''}}]}",
                "{'sources':[{'metric':'m','file':'/x','dimensions':{'Device':'another'}}]}",
                "{'gatherSeconds':0}",
                "{'spoolMegabytes':0.5}")) {
            assertThatIOException().as(bad).isThrownBy(() -> collect(bad)).withMessageContaining("settings.json");
        }
        assertThat(spool()).doesNotExist();
    }
}
