package io.mooring.e2e.verdict;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.contracts.schema.SyncSchema;
import io.mooring.contracts.sync.RowClock;
import io.mooring.contracts.sync.RowState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads a history line by line, and says at its end in what it breaks a promise. */
final class Judge {
    private static final int MOST_FAILURES = 200;
    private static final int MOST_OF_A_DEVICE = 20;
    /** What stood in the cloud when the run began. */
    private static final String BEFORE = "before";

    private final Rows rows;
    private final Ownership ownership;
    private final Map<Long, String> outcomes;
    private final List<String> failures = new ArrayList<>();
    private final Map<RowName, RowState<JsonNode>> expected = new HashMap<>();
    private final DeviceWrites deviceWrites = new DeviceWrites();
    private final Acknowledgements acknowledgements = new Acknowledgements();
    private final Map<String, String> accounts = new TreeMap<>();
    private final Map<String, List<StandingRow>> standing = new TreeMap<>();
    private final Set<String> places = new HashSet<>();
    private final Set<String> takingRowBatches = new HashSet<>();
    private @Nullable JsonNode quiet;
    private long writes;
    private long committed;
    private long conflicts;
    private long kills;
    private long cuts;

    /** @param outcomes what became of each transaction */
    Judge(SyncSchema schema, Map<Long, String> outcomes) {
        this.rows = new Rows(schema);
        this.ownership = new Ownership(rows);
        this.outcomes = outcomes;
    }

    void read(JsonNode line) {
        switch (line.path("kind").asText()) {
            case "device" -> device(line);
            case "write" -> write(line);
            case "uplink" -> uplink(line);
            case "downlink" -> downlink(line);
            case "told" -> fail(ownership.told(line, accounts));
            case "heard" -> fail(ownership.heard(line, accounts));
            case "trouble" -> trouble(line);
            case "row" -> row(line);
            case "rows" -> standing.computeIfAbsent(text(line, "replica"), name -> new ArrayList<>());
            case "quiet" -> quiet = line;
            case "late" ->
                fail("not in time: " + text(line, "what") + " within " + text(line, "afterMs") + " ms; still: "
                        + text(line, "still"));
            case "refused" ->
                fail("device " + text(line, "device") + " had a write of " + text(line, "sk") + " refused: "
                        + text(line, "reason"));
            case "dead-letter" ->
                fail("a dead letter: " + text(line, "code") + " " + text(line, "detail") + " " + line.path("payload"));
            case "complaint" -> fail("device " + text(line, "device") + ": " + text(line, "what"));
            default -> {
                // For people.
            }
        }
    }

    private void device(JsonNode line) {
        String device = text(line, "device");
        switch (text(line, "did")) {
            case "joins" -> {
                accounts.put(device, text(line, "account"));
                if (text(line, "form").equals("agent")) {
                    takingRowBatches.add("device/" + device);
                }
            }
            case "wiped", "restored" -> deviceWrites.forget(device);
            default -> {
                // Does nothing to what it wrote.
            }
        }
    }

    private void trouble(JsonNode line) {
        if (text(line, "what").equals("kill")) {
            kills++;
        } else {
            cuts++;
        }
    }

    private void write(JsonNode line) {
        writes++;
        RowName name = new RowName(text(line, "model"), text(line, "owner"), text(line, "sk"));
        if (text(line, "by").equals("device")) {
            if (line.hasNonNull("clock")) {
                RowClock clock = Rows.clock(line.path("clock"));
                deviceWrites.wrote(
                        text(line, "device"),
                        name,
                        rows.state(name.model(), clock, line.path("values")),
                        !line.path("exact").asBoolean(true));
            }
            return;
        }
        String outcome = outcomes.getOrDefault(line.path("tx").asLong(), "unknown");
        switch (outcome) {
            case "committed" -> {
                committed++;
                RowClock clock = Rows.clock(line.path("clock"));
                expect(name, rows.state(name.model(), clock, line.path("values")));
            }
            case "aborted" -> {
                // It left nothing.
            }
            default -> fail("nobody knows what became of transaction " + text(line, "tx") + ": " + outcome);
        }
    }

    private void expect(RowName name, RowState<JsonNode> change) {
        RowState<JsonNode> merged = Verdict.merged(expected.get(name), change);
        if (!change.prevailsIn(merged)) {
            conflicts++;
        }
        expected.put(name, merged);
    }

    private void uplink(JsonNode line) {
        if (!text(line, "topic").equals("db/syncToDynamo") || !places.add(text(line, "place"))) {
            return;
        }
        String device = text(line, "key");
        JsonNode payload = line.path("payload");
        List<String> keys = new ArrayList<>();
        int index = 0;
        for (JsonNode change : payload.path("changes")) {
            keys.add(text(change, "key"));
            SentChange sent = SentChange.of(
                    rows, device, text(line, "account"), line.path("received").asLong(), change, index++);
            if (rows.model(sent.name().model()).sync().goesUp()) {
                deviceWrites.sent(device, sent);
                expect(sent.name(), sent.state());
            }
        }
        acknowledgements.sent(device, payload.path("seq").asLong(), keys);
    }

    private void downlink(JsonNode line) {
        if (!places.add(text(line, "place"))) {
            return;
        }
        String receiver = text(line, "receiver");
        JsonNode payload = line.path("payload");
        if (text(line, "topic").equals("sync/SYNC")) {
            acknowledgements.acknowledged(receiver, payload);
            payload.path("refused")
                    .forEach(refused -> fail(receiver + " had a change refused: " + refused + " in " + payload));
        } else if (text(line, "topic").equals("sync/ROWS")) {
            if (!takingRowBatches.contains(receiver)) {
                fail(receiver + " was told in a form that it does not understand: " + payload);
            }
            payload.forEach(entry -> fail(ownership.addressed(receiver, entry.path("row"), accounts)));
        } else if (payload.has("_type")) {
            fail(ownership.addressed(receiver, payload, accounts));
        }
    }

    private void row(JsonNode line) {
        StandingRow row = new StandingRow(
                text(line, "model"),
                text(line, "owner"),
                text(line, "sk"),
                line.hasNonNull("values") ? line.get("values") : null,
                line.hasNonNull("clock") ? line.get("clock") : null);
        String replica = text(line, "replica");
        if (replica.equals(BEFORE)) {
            RowName name = new RowName(row.model(), row.owner(), row.sk());
            expected.put(name, Verdict.merged(expected.get(name), rows.state(row)));
        } else {
            standing.computeIfAbsent(replica, name -> new ArrayList<>()).add(row);
            String unnamed = rows.unnamed(row);
            fail(unnamed.isEmpty() ? "" : replica + ": " + unnamed);
        }
    }

    Verdict verdict(long seed) {
        List<StandingRow> cloud = standing.remove("cloud");
        if (cloud == null) {
            fail("the history does not say what stands in the cloud");
        } else {
            compareWithExpected(cloud);
            accounts.forEach((device, account) -> {
                List<StandingRow> held = standing.get(device);
                if (held == null) {
                    fail("the history does not say what device " + device + " holds");
                } else {
                    new Comparison(rows)
                            .compare(cloud, device, account, held, MOST_OF_A_DEVICE)
                            .forEach(difference -> fail("device " + device + " differs: " + difference));
                }
            });
        }
        deviceWrites.lost(expected).forEach(this::fail);
        acknowledgements.missing().forEach(this::fail);
        if (quiet == null || !quiet.path("is").asBoolean()) {
            fail("it does not become quiet: messages go on though nobody writes");
        }
        return new Verdict(
                seed,
                accounts.size(),
                writes,
                committed + acknowledgements.count(),
                conflicts,
                kills,
                cuts,
                List.copyOf(failures));
    }

    /** What stands must be what all acknowledged writes come to by the rule. */
    private void compareWithExpected(List<StandingRow> cloud) {
        Map<RowName, RowState<JsonNode>> there = new HashMap<>();
        cloud.forEach(row -> there.put(new RowName(row.model(), row.owner(), row.sk()), rows.state(row)));
        Set<RowName> names = new HashSet<>(there.keySet());
        names.addAll(expected.keySet());
        for (RowName name : names) {
            RowState<JsonNode> rule = Objects.requireNonNullElse(expected.get(name), RowState.absent());
            RowState<JsonNode> stands = Objects.requireNonNullElse(there.get(name), RowState.absent());
            boolean ours = accounts.containsKey(name.owner())
                    || accounts.containsValue(name.owner())
                    || name.owner().isEmpty();
            // "What stands is written once more above the device's clock", if a device wrote where only the cloud may.
            boolean upheld = !rows.model(name.model()).sync().goesUp();
            String difference = rows.difference(name.model(), rule, stands, !upheld);
            if (ours && !difference.isEmpty()) {
                fail(name + ": by all acknowledged writes and in the cloud, " + difference);
            }
        }
    }

    private void fail(String what) {
        if (!what.isEmpty() && failures.size() < MOST_FAILURES) {
            failures.add(what);
        }
    }

    static String text(JsonNode line, String field) {
        return line.path(field).asText("");
    }
}
