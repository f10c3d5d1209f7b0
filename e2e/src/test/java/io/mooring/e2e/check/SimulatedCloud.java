package io.mooring.e2e.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.mooring.agent.db.Values;
import io.mooring.contracts.clock.HybridClock;
import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.sync.RowClock;
import io.mooring.contracts.sync.RowState;
import io.mooring.e2e.verdict.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A cloud and devices in miniature, which keep the rule or break it in one way, and write a history as a real run does: by
 * it the judge is judged.
 */
final class SimulatedCloud {
    /** What is wrong with it. */
    enum Bug {
        NONE,
        CLOUD_FORGETS_REMOVALS,
        CLOUD_TAKES_WHAT_COMES_LAST,
        CLOUD_MERGES_WHOLE_ROWS,
        CLOUD_ACKNOWLEDGES_AND_LOSES,
        CLOUD_LOSES_COMMITTED_SQL,
        CLOUD_BELIEVES_ANY_CLOCK,
        CLOUD_GIVES_ONE_TIME_TO_A_REMOVAL_AND_WHAT_FOLLOWS,
        CLOUD_LEAVES_UNANSWERED,
        CLOUD_TELLS_A_NEIGHBOUR,
        CLOUD_PACKS_ROWS_FOR_ALL,
        DEVICE_DROPS_REMOVALS,
        DEVICE_TAKES_WHAT_COMES_LAST,
        DEVICE_LOSES_A_WRITE,
        NEVER_QUIET
    }

    private static final List<String> DEVICES = List.of("A0", "A1", "A2");
    private static final String MODEL = "Item";

    private final Bug bug;
    private final Chance chance;
    private final History history;
    private final TreeMap<String, RowState<JsonNode>> cloud = new TreeMap<>();
    private final Map<String, Device> devices = new TreeMap<>();
    private long now = 1_800_000_000_000L;
    private long place;
    private long transaction;
    private long value;

    private record Message(Device from, long seq, String sk, RowState<JsonNode> change) {}

    private final class Device {
        final String id;
        final HybridClock clock;
        final TreeMap<String, RowState<JsonNode>> rows = new TreeMap<>();
        final List<Message> up = new ArrayList<>();
        final List<Map.Entry<String, RowState<JsonNode>>> down = new ArrayList<>();
        long seq;

        Device(String id, long offMillis) {
            this.id = id;
            this.clock = new HybridClock(id, () -> now + offMillis);
        }
    }

    private SimulatedCloud(Bug bug, long seed, History history) {
        this.bug = bug;
        this.chance = new Chance(seed);
        this.history = history;
    }

    /** A run of a seed, judged. */
    static Verdict run(Bug bug, long seed, Path file) throws IOException {
        try (History history = new History(file)) {
            new SimulatedCloud(bug, seed, history).run(seed);
        }
        return Verdict.of(file);
    }

    private void run(long seed) throws IOException {
        String schema = CheckRun.schemaSource();
        history.add(
                "run",
                line -> line.put("format", Verdict.FORMAT).put("seed", seed).put("schema", schema));
        for (String id : DEVICES) {
            // The last one's clock is ten minutes ahead.
            devices.put(id, new Device(id, id.equals("A2") ? 600_000 : 0));
            history.add(
                    "device",
                    line -> line.put("device", id)
                            .put("did", "joins")
                            .put("account", "main")
                            .put("form", id.equals("A0") ? "base" : "agent"));
        }
        for (int i = 0; i < 600; i++) {
            now += chance.between(0, 3);
            Device device = device(chance.oneOf(DEVICES));
            switch (chance.between(0, 3)) {
                case 0 -> write(device);
                case 1 -> sql(device);
                case 2 -> arriveInTheCloud(device);
                default -> arriveOn(device);
            }
        }
        devices.values().forEach(device -> {
            while (!device.up.isEmpty()) {
                arriveInTheCloud(device);
            }
        });
        devices.values().forEach(device -> {
            while (!device.down.isEmpty()) {
                arriveOn(device);
            }
        });
        history.add("quiet", line -> line.put("is", bug != Bug.NEVER_QUIET));
        noteRows("cloud", cloud);
        devices.forEach((id, device) -> noteRows(id, device.rows));
    }

    private Device device(String id) {
        return Objects.requireNonNull(devices.get(id));
    }

    private RowState<JsonNode> change(HybridTimestamp at, String owner, String name) {
        int how = chance.between(0, 9);
        if (how < 2) {
            return RowState.removed(at);
        }
        SortedMap<String, JsonNode> values = new TreeMap<>();
        List<String> fields = how < 5 ? List.of("text", "note") : List.of(chance.oneOf(List.of("text", "note")));
        fields.forEach(field -> values.put(field, new TextNode(Writes.mark(owner) + value++)));
        values.put("id", new TextNode(key(name).substring(key(name).indexOf('#') + 1)));
        if (how < 5) {
            return new RowState<>(RowClock.whole(at), values);
        }
        Map<String, HybridTimestamp> clocks = new TreeMap<>();
        values.keySet().forEach(field -> clocks.put(field, at));
        return new RowState<>(RowClock.of(clocks), values);
    }

    /** Removed and written again, told in one change. */
    private RowState<JsonNode> anew(Device device, String name) {
        HybridTimestamp removed = device.clock.next();
        RowState<JsonNode> written = change(device.clock.next(), device.id, name);
        RowClock clock = written.clock();
        return clock.isLive()
                ? new RowState<>(new RowClock(clock.base(), removed, clock.fields()), written.values())
                : written;
    }

    private String sk(String owner) {
        return owner + "|item#k" + chance.between(0, 9);
    }

    private void write(Device device) {
        String name = sk(device.id);
        RowState<JsonNode> change =
                chance.percent(10) ? anew(device, name) : change(device.clock.next(), device.id, name);
        RowState<JsonNode> merged = merged(device.rows.getOrDefault(name, RowState.absent()), change);
        device.rows.put(name, merged);
        note("device", device.id, name, change, line -> line.put("device", device.id));
        if (bug != Bug.DEVICE_LOSES_A_WRITE || !chance.percent(50)) {
            device.up.add(new Message(device, ++device.seq, name, change));
        }
    }

    private void sql(Device device) {
        String name = sk(device.id);
        RowState<JsonNode> before = cloud.getOrDefault(name, RowState.absent());
        HybridTimestamp latest = before.clock().latest();
        HybridClock clock = new HybridClock(HybridTimestamp.CLOUD, () -> now);
        if (latest != null) {
            clock.observe(latest);
        }
        RowState<JsonNode> change = change(clock.next(), device.id, name);
        long number = ++transaction;
        note("sql", device.id, name, change, line -> line.put("tx", number));
        history.add("tx", line -> line.put("tx", number).put("outcome", "committed"));
        if (bug != Bug.CLOUD_LOSES_COMMITTED_SQL || !chance.percent(50)) {
            stand(device, name, merged(before, change));
        }
    }

    private void arriveInTheCloud(Device device) {
        if (device.up.isEmpty()) {
            return;
        }
        Message message = device.up.remove(chance.between(0, device.up.size() - 1));
        if (chance.percent(10)) {
            device.up.add(message);
        }
        long received = now;
        history.add("uplink", line -> {
            line.put("place", "up/" + place++).put("key", device.id).put("topic", "db/syncToDynamo");
            line.put("account", "main").put("received", received);
            line.set("payload", payload(message));
        });
        if (bug == Bug.CLOUD_LEAVES_UNANSWERED && chance.percent(10)) {
            return;
        }
        RowState<JsonNode> change = bug == Bug.CLOUD_BELIEVES_ANY_CLOCK ? message.change() : bounded(message, received);
        RowState<JsonNode> known = cloud.getOrDefault(message.sk(), RowState.absent());
        RowState<JsonNode> stands = switch (bug) {
            case CLOUD_TAKES_WHAT_COMES_LAST -> overwritten(known, change);
            case CLOUD_MERGES_WHOLE_ROWS -> whole(known, change);
            default -> merged(known, change);
        };
        if (bug != Bug.CLOUD_ACKNOWLEDGES_AND_LOSES || !chance.percent(50)) {
            stand(device, message.sk(), stands);
        }
        history.add("downlink", line -> {
            line.put("place", "down/" + place++)
                    .put("receiver", "device/" + device.id)
                    .put("topic", "sync/SYNC");
            ObjectNode payload = line.putObject("payload").put("seq", message.seq());
            payload.putArray("keys").add(key(message.sk()));
        });
    }

    private static RowState<JsonNode> overwritten(RowState<JsonNode> known, RowState<JsonNode> change) {
        SortedMap<String, JsonNode> values = new TreeMap<>(change.clock().isLive() ? known.values() : Map.of());
        values.putAll(change.values());
        HybridTimestamp at = Objects.requireNonNull(change.clock().latest());
        return change.clock().isLive() ? new RowState<>(RowClock.whole(at), values) : RowState.removed(at);
    }

    private static RowState<JsonNode> whole(RowState<JsonNode> known, RowState<JsonNode> change) {
        HybridTimestamp here = known.clock().latest();
        HybridTimestamp there = Objects.requireNonNull(change.clock().latest());
        return here != null && here.compareTo(there) > 0 ? known : overwritten(known, change);
    }

    private RowState<JsonNode> bounded(Message message, long received) {
        if (bug != Bug.CLOUD_GIVES_ONE_TIME_TO_A_REMOVAL_AND_WHAT_FOLLOWS) {
            HybridTimestamp arrival = new HybridTimestamp(received, 0, message.from().id);
            RowClock clock = message.change().clock();
            return new RowState<>(
                    clock.believed(received, clock.instead(arrival)),
                    message.change().values());
        }
        Map<String, String> texts = new TreeMap<>();
        message.change().clock().texts().forEach((field, text) -> {
            HybridTimestamp at = HybridTimestamp.parse(text);
            texts.put(
                    field,
                    at.millis() > received + 300_000 ? new HybridTimestamp(received, 0, at.writer()).toString() : text);
        });
        return new RowState<>(RowClock.parse(texts), message.change().values());
    }

    /** It stands in the cloud, and the device is told; the device's own clocks are those of the cloud from then on. */
    private void stand(Device device, String name, RowState<JsonNode> row) {
        cloud.put(name, row);
        if (bug == Bug.CLOUD_FORGETS_REMOVALS && !row.clock().isLive()) {
            cloud.remove(name);
        }
        Device told = bug == Bug.CLOUD_TELLS_A_NEIGHBOUR && chance.percent(3)
                ? device(DEVICES.get((DEVICES.indexOf(device.id) + 1) % DEVICES.size()))
                : device;
        history.add("downlink", line -> {
            String operation = row.clock().isLive() ? "UPSERT" : "REMOVE";
            line.put("place", "down/" + place++).put("receiver", "device/" + told.id);
            ObjectNode payload;
            if (told.id.equals("A0") && bug != Bug.CLOUD_PACKS_ROWS_FOR_ALL) {
                line.put("topic", "sync/" + operation);
                payload = line.putObject("payload");
            } else {
                // These devices take several rows in one message.
                line.put("topic", "sync/ROWS");
                ObjectNode entry = line.putArray("payload").addObject().put("operation", operation);
                payload = entry.putObject("row");
            }
            payload.put("_type", MODEL).put("sk", key(name)).put("deviceId", device.id);
            payload.setAll(values(row));
        });
        told.down.add(Map.entry(name, row));
    }

    private void arriveOn(Device device) {
        if (device.down.isEmpty()) {
            return;
        }
        Map.Entry<String, RowState<JsonNode>> message = device.down.removeFirst();
        RowState<JsonNode> row = message.getValue();
        if (bug == Bug.DEVICE_DROPS_REMOVALS && !row.clock().isLive()) {
            return;
        }
        RowState<JsonNode> known = believed(device, message.getKey());
        device.rows.put(
                message.getKey(),
                bug == Bug.DEVICE_TAKES_WHAT_COMES_LAST ? overwritten(known, row) : merged(known, row));
    }

    /** What a device knows of a row; of its own times that no cloud believes it is told by and by. */
    private RowState<JsonNode> believed(Device device, String name) {
        RowState<JsonNode> known = device.rows.getOrDefault(name, RowState.absent());
        boolean waits = device.up.stream().anyMatch(message -> message.sk().equals(name));
        HybridTimestamp latest = known.clock().latest();
        return !waits && latest != null && latest.millis() > now + 300_000 ? RowState.absent() : known;
    }

    private static RowState<JsonNode> merged(RowState<JsonNode> known, RowState<JsonNode> change) {
        return known.mergedWith(change, Values.ORDER);
    }

    private ObjectNode payload(Message message) {
        ObjectNode payload = History.JSON.createObjectNode().put("seq", message.seq());
        ObjectNode change = payload.putArray("changes").addObject();
        RowClock clock = message.change().clock();
        change.put("cmd", clock.isLive() ? clock.base() != null ? "create" : "update" : "remove");
        change.put("key", key(message.sk())).put("clock", String.valueOf(clock.latest()));
        ObjectNode item = change.putObject("item").put("_type", MODEL).put("sk", key(message.sk()));
        item.setAll(values(message.change()));
        if (!clock.fields().isEmpty() || (clock.base() != null && clock.removed() != null)) {
            change.set("fields", History.clock(clock));
        }
        return payload;
    }

    private static ObjectNode values(RowState<JsonNode> row) {
        ObjectNode values = History.JSON.createObjectNode();
        values.setAll(row.values());
        return values;
    }

    private static String key(String name) {
        return name.substring(name.indexOf('|') + 1);
    }

    private void note(
            String by,
            String owner,
            String name,
            RowState<JsonNode> change,
            java.util.function.Consumer<ObjectNode> more) {
        history.add("write", line -> {
            line.put("by", by).put("model", MODEL).put("owner", owner).put("sk", key(name));
            line.set("values", values(change));
            line.set("clock", History.clock(change.clock()));
            more.accept(line);
        });
    }

    private void noteRows(String replica, TreeMap<String, RowState<JsonNode>> rows) {
        rows.forEach((name, row) -> history.add("row", line -> {
            line.put("replica", replica).put("model", MODEL);
            line.put("owner", name.substring(0, name.indexOf('|'))).put("sk", key(name));
            line.set("values", row.clock().isLive() ? values(row) : null);
            line.set("clock", History.clock(row.clock()));
        }));
        history.add("rows", line -> line.put("replica", replica).put("count", rows.size()));
    }
}
