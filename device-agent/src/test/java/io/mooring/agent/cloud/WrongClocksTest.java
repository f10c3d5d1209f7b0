package io.mooring.agent.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.mooring.agent.Schemas;
import io.mooring.agent.db.PendingRow;
import io.mooring.agent.db.TestDatabase;
import io.mooring.agent.db.Values;
import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.sync.RowClock;
import io.mooring.contracts.sync.RowState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A device whose clock is right, minutes or years off by turns, that is closed, copied and restored, and a cloud that does
 * not believe it all: in the end both hold the same rows, written at the same times. By chance, of a seed that is printed.
 */
class WrongClocksTest {
    private static final long SEED = Long.getLong("mooring.seed", new Random().nextInt(1_000_000_000));
    private static final int WORLDS = Integer.getInteger("mooring.worlds", 12);
    private static final int STEPS = 60;
    private static final int MOST_ROUNDS = 12;
    private static final List<Duration> OFF = List.of(
            Duration.ZERO, Duration.ofMinutes(4), Duration.ofDays(730), Duration.ofHours(-1), Duration.ofDays(-1095));

    @TempDir
    Path folder;

    @Test
    void bothSidesHoldTheSameInTheEnd() throws Exception {
        for (long seed = SEED; seed < SEED + WORLDS; seed++) {
            Path where = Files.createDirectory(folder.resolve("world-" + seed));
            World world = new World(where, new Random(seed));
            try (world) {
                for (int i = 0; i < STEPS; i++) {
                    world.step();
                }
                world.settle();
                assertThat(world.onDevice())
                        .as("seed %d (-Dmooring.seed=%d -Dmooring.worlds=1): %s", seed, seed, world.said)
                        .isEqualTo(world.inCloud());
            } catch (Exception e) {
                throw new AssertionError("seed " + seed + ": " + world.said, e);
            }
        }
    }

    /** What came of a message: for the device alone. */
    private record Answer(List<PendingRow> rows, Map<PendingRow, HybridTimestamp> instead, long receivedMillis) {}

    private static final class World implements AutoCloseable {
        private final Path folder;
        private final Random random;
        private final SyncCodec codec = new SyncCodec(TestDatabase.DEVICE, false);
        private final Map<String, RowState<JsonNode>> cloud = new HashMap<>();
        private final Deque<ObjectNode> down = new ArrayDeque<>();
        private final List<String> said = new ArrayList<>();
        private TestDatabase device;
        private Duration off = Duration.ZERO;
        private long realMillis = TestDatabase.START;
        private int life;
        private boolean backedUp;
        private long value;

        World(Path folder, Random random) throws Exception {
            this.folder = folder;
            this.random = random;
            device = open();
        }

        private TestDatabase open() throws Exception {
            Path home = folder.resolve("life-" + life);
            Files.createDirectories(home);
            return TestDatabase.at(home, Schemas.demo(), realMillis + off.toMillis(), false);
        }

        void step() throws Exception {
            realMillis += random.nextInt(20);
            device.setWall(realMillis + off.toMillis());
            int what = random.nextInt(100);
            if (what < 40) {
                write();
            } else if (what < 55) {
                cloudWrites();
            } else if (what < 72) {
                up(random.nextInt(4) > 0);
            } else if (what < 88) {
                down();
            } else if (what < 94) {
                device.close();
                off = OFF.get(random.nextInt(OFF.size()));
                said.add("reopened off by " + off);
                device = open();
            } else if (what < 97) {
                device.close();
                copy(folder.resolve("life-" + life), folder.resolve("backup"));
                backedUp = true;
                said.add("backed up");
                device = open();
            } else if (backedUp) {
                device.close();
                life++;
                copy(folder.resolve("backup"), folder.resolve("life-" + life));
                said.add("restored");
                device = open();
                catchUp();
            }
        }

        private static void copy(Path from, Path to) throws IOException {
            Files.createDirectories(to);
            try (Stream<Path> old = Files.list(to)) {
                for (Path file : old.toList()) {
                    Files.delete(file);
                }
            }
            try (Stream<Path> files = Files.list(from)) {
                for (Path file : files.toList()) {
                    Files.copy(file, to.resolve(file.getFileName()));
                }
            }
        }

        private void write() throws Exception {
            String id = "r" + random.nextInt(2);
            String key = "reading#" + id;
            value++;
            String sql = switch (random.nextInt(6)) {
                case 0, 1 ->
                    "INSERT INTO reading (sk, id, value, unit, note) VALUES ('" + key + "', '" + id + "', " + value
                            + ", " + (random.nextBoolean() ? "'K" + value + "'" : "NULL") + ", 'N') ON CONFLICT (sk)"
                            + " DO UPDATE SET value = excluded.value, unit = excluded.unit";
                case 2 -> "DELETE FROM reading WHERE sk = '" + key + "'";
                case 3 -> "UPDATE reading SET note = NULL WHERE sk = '" + key + "'";
                default ->
                    "UPDATE reading SET " + (random.nextBoolean() ? "note" : "unit") + " = '" + value + "' WHERE sk = '"
                            + key + "'";
            };
            device.sql(sql);
            if (random.nextInt(3) > 0) {
                device.waiting();
            }
            said.add(sql + " -> " + device.row(key).clock().texts());
        }

        private void cloudWrites() {
            String key = "reading#r" + random.nextInt(2);
            RowState<JsonNode> before = cloud.getOrDefault(key, RowState.absent());
            HybridTimestamp latest = before.clock().latest();
            HybridTimestamp at = TestDatabase.cloud(realMillis + (random.nextInt(4) == 0 ? 200_000 : 0));
            if (latest != null && latest.compareTo(at) >= 0) {
                at = latest.next(HybridTimestamp.CLOUD);
            }
            value++;
            SortedMap<String, JsonNode> values = new TreeMap<>();
            RowState<JsonNode> written;
            if (random.nextInt(4) == 0) {
                written = RowState.removed(at);
            } else if (!before.clock().isLive() || random.nextInt(4) == 0) {
                values.put("id", new TextNode(key.substring(8)));
                values.put("value", new LongNode(value));
                written = new RowState<>(RowClock.whole(at), values);
            } else {
                values.put("note", new TextNode("cloud " + value));
                written = new RowState<>(RowClock.of(Map.of("note", at)), values);
            }
            said.add("cloud " + written);
            merge(key, written);
            tell(key);
        }

        private RowState<JsonNode> merge(String key, RowState<JsonNode> written) {
            return Objects.requireNonNull(cloud.merge(key, written, (a, b) -> a.mergedWith(b, Values.ORDER)));
        }

        private void tell(String key) {
            down.add(CloudSide.write("Reading", key, cloud.getOrDefault(key, RowState.absent())));
        }

        private void catchUp() {
            down.clear();
            cloud.keySet().forEach(this::tell);
        }

        /** What waits goes up; whether the device hears an answer, or the message comes again. */
        private boolean up(boolean answered) throws Exception {
            List<PendingRow> waiting = device.waiting();
            List<PendingRow> sent = new ArrayList<>();
            Map<PendingRow, HybridTimestamp> bounded = new HashMap<>();
            int index = 0;
            for (PendingRow row : waiting) {
                if (!row.model().equals("Reading")) {
                    continue;
                }
                sent.add(row);
                ObjectNode change = codec.change(device.layout(), row, device.row(row.key()));
                if (change == null) {
                    continue;
                }
                RowState<JsonNode> claimed = CloudSide.read(TestDatabase.DEVICE, change);
                HybridTimestamp instead =
                        claimed.clock().instead(new HybridTimestamp(realMillis, index++, TestDatabase.DEVICE));
                RowClock clock = claimed.clock().believed(realMillis, instead);
                RowState<JsonNode> written = new RowState<>(clock, claimed.values());
                said.add("up " + answered + " " + claimed + " counts as " + clock.texts());
                RowState<JsonNode> stands = merge(row.key(), written);
                boolean doubted = !clock.equals(claimed.clock());
                if (doubted) {
                    bounded.put(row, instead);
                }
                if (answered && (doubted || !written.prevailsIn(stands))) {
                    tell(row.key());
                }
            }
            if (answered) {
                acknowledged(new Answer(sent, bounded, realMillis));
            }
            return !sent.isEmpty();
        }

        private void acknowledged(Answer answer) throws Exception {
            boolean[] lacks = {false};
            device.database.changeUnnoticed(db -> {
                for (PendingRow row : answer.rows()) {
                    HybridTimestamp instead = answer.instead().get(row);
                    if (device.queue.acknowledge(db, row) && instead != null) {
                        lacks[0] |= !device.remote.setBack(
                                db, device.layout(), row.key(), answer.receivedMillis(), instead);
                    }
                }
            });
            if (lacks[0]) {
                catchUp();
            }
        }

        private boolean down() throws Exception {
            if (down.isEmpty()) {
                return false;
            }
            ObjectNode message = down.removeFirst();
            boolean gone = !message.has("id")
                    && message.path("fields").size() == 1
                    && message.path("fields").has("-");
            var row = codec.row(device.database, message.toString().getBytes(StandardCharsets.UTF_8), gone, realMillis)
                    .orElseThrow();
            device.arrives(row.key(), row.state());
            said.add("down " + message + " -> " + device.row(row.key()).clock().texts());
            return true;
        }

        void settle() throws Exception {
            off = Duration.ZERO;
            for (int round = 0; round < MOST_ROUNDS; round++) {
                realMillis += 10;
                device.setWall(realMillis + off.toMillis());
                boolean something = up(true);
                while (down()) {
                    something = true;
                }
                if (!something) {
                    return;
                }
            }
            throw new AssertionError("still talking after " + MOST_ROUNDS + " rounds: " + said);
        }

        SortedMap<String, String> inCloud() {
            SortedMap<String, String> rows = new TreeMap<>();
            cloud.forEach((key, row) -> shown(key, row, rows));
            return rows;
        }

        SortedMap<String, String> onDevice() throws Exception {
            SortedMap<String, String> rows = new TreeMap<>();
            for (String key : cloud.keySet()) {
                shown(key, device.row(key), rows);
            }
            return rows;
        }

        /** Values with the times they were written at; what tells of fields that have none is as good as nothing. */
        private static void shown(String key, RowState<JsonNode> row, SortedMap<String, String> rows) {
            if (row.clock().isLive()) {
                SortedMap<String, String> fields = new TreeMap<>();
                row.values().forEach((field, value) -> {
                    if (!field.equals("id")) {
                        fields.put(field, value + " " + row.clock().of(field));
                    }
                });
                rows.put(key, fields.toString());
            }
        }

        @Override
        public void close() throws Exception {
            device.close();
            try (var files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
