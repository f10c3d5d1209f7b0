package io.mooring.agent.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.mooring.agent.db.PendingRow;
import io.mooring.agent.db.TestDatabase;
import io.mooring.agent.db.Values;
import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.sync.RowClock;
import io.mooring.contracts.sync.RowState;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * A device and a cloud write the same rows; messages get lost, come late and come twice. In the end
 * both hold the same, and nothing goes round in circles.
 */
class ConvergenceTest {
    private static final int MOST_ROUNDS = 10;

    enum What {
        SQL_PUT,
        SQL_PATCH,
        SQL_DELETE,
        CLOUD_PATCH,
        CLOUD_DELETE,
        UP,
        UP_WITHOUT_ANSWER,
        DOWN,
        DOWN_AGAIN
    }

    record Step(What what, int row, int value) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Step> step = Combinators.combine(
                        Arbitraries.of(What.class),
                        Arbitraries.integers().between(0, 2),
                        Arbitraries.integers().between(0, 9))
                .as(Step::new);
        return step.list().ofMinSize(1).ofMaxSize(40);
    }

    @Property(tries = 60)
    void bothSidesHoldTheSameInTheEnd(@ForAll("steps") List<Step> steps) throws Exception {
        Path folder = Files.createTempDirectory("convergence");
        try (World world = new World(folder)) {
            for (Step step : steps) {
                world.take(step);
            }
            world.settle();
            assertThat(world.onDevice()).isEqualTo(world.inCloud());
        } finally {
            try (var files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static final class World implements AutoCloseable {
        private final TestDatabase device;
        private final SyncCodec codec = new SyncCodec(TestDatabase.DEVICE, false);
        private final Map<String, RowState<JsonNode>> cloud = new HashMap<>();
        private final List<ObjectNode> down = new ArrayList<>();
        private final List<ObjectNode> told = new ArrayList<>();
        private long cloudMillis;

        World(Path folder) throws Exception {
            device = new TestDatabase(folder);
        }

        void take(Step step) throws Exception {
            String id = "r" + step.row();
            String key = "reading#" + id;
            device.wallMillis.addAndGet(step.value());
            switch (step.what()) {
                case SQL_PUT ->
                    device.sql("INSERT OR REPLACE INTO reading (id, value, unit) VALUES ('" + id + "', " + step.value()
                            + ", 'K')");
                case SQL_PATCH ->
                    device.sql("UPDATE reading SET " + (step.value() % 2 == 0 ? "note" : "unit") + " = '" + step.value()
                            + "' WHERE sk = '" + key + "'");
                case SQL_DELETE -> device.sql("DELETE FROM reading WHERE sk = '" + key + "'");
                case CLOUD_PATCH -> cloudWrites(key, step.value());
                case CLOUD_DELETE -> inCloud(key, RowState.removed(now()));
                case UP -> up(true);
                case UP_WITHOUT_ANSWER -> up(false);
                case DOWN -> down(step.value() % 2 == 0);
                case DOWN_AGAIN ->
                    told.stream().skip(Math.max(0, told.size() - 3)).toList().forEach(down::addFirst);
            }
        }

        private HybridTimestamp now() {
            // near the device's own, so that either may win
            cloudMillis = Math.max(cloudMillis + 1, System.currentTimeMillis());
            return TestDatabase.cloud(cloudMillis);
        }

        private void cloudWrites(String key, int value) {
            HybridTimestamp at = now();
            SortedMap<String, JsonNode> values = new TreeMap<>();
            values.put("value", new LongNode(value));
            values.put("name", new TextNode("cloud " + value));
            inCloud(key, new RowState<>(RowClock.of(Map.of("value", at, "name", at)), values));
        }

        private void inCloud(String key, RowState<JsonNode> written) {
            RowState<JsonNode> before = cloud.getOrDefault(key, RowState.absent());
            RowState<JsonNode> merged = before.mergedWith(written, Values.ORDER);
            cloud.put(key, merged);
            if (!merged.equals(before) || !written.prevailsIn(merged)) {
                down.add(CloudSide.write("Reading", key, merged));
            }
        }

        private boolean up(boolean answered) throws Exception {
            List<PendingRow> waiting = device.waiting();
            for (PendingRow row : waiting) {
                if (!row.model().equals("Reading")) {
                    continue;
                }
                ObjectNode change = codec.change(device.layout(), row, device.row(row.key()));
                if (change != null) {
                    inCloud(row.key(), CloudSide.read(TestDatabase.DEVICE, change));
                }
                if (answered || change == null) {
                    device.database.change(db -> device.queue.acknowledge(db, row));
                }
            }
            return !waiting.isEmpty();
        }

        private boolean down(boolean inOrder) throws Exception {
            if (down.isEmpty()) {
                return false;
            }
            ObjectNode message = inOrder ? down.removeFirst() : down.removeLast();
            told.add(message);
            var row = codec.row(
                            device.database,
                            message.toString().getBytes(StandardCharsets.UTF_8),
                            false,
                            TestDatabase.START)
                    .orElseThrow();
            device.arrives(row.key(), row.state());
            return true;
        }

        void settle() throws Exception {
            for (int round = 0; round < MOST_ROUNDS; round++) {
                boolean something = up(true);
                while (down(true)) {
                    something = true;
                }
                if (!something) {
                    return;
                }
            }
            throw new AssertionError("still talking after " + MOST_ROUNDS + " rounds");
        }

        SortedMap<String, SortedMap<String, JsonNode>> inCloud() {
            SortedMap<String, SortedMap<String, JsonNode>> rows = new TreeMap<>();
            cloud.forEach((key, row) -> {
                if (row.clock().isLive()) {
                    rows.put(key, row.values());
                }
            });
            return rows;
        }

        SortedMap<String, SortedMap<String, JsonNode>> onDevice() throws Exception {
            SortedMap<String, SortedMap<String, JsonNode>> rows = new TreeMap<>();
            for (var row : device.access.query("SELECT sk FROM reading")) {
                String key = String.valueOf(row.get("sk"));
                rows.put(key, device.row(key).values());
            }
            return rows;
        }

        @Override
        public void close() throws Exception {
            device.close();
        }
    }
}
