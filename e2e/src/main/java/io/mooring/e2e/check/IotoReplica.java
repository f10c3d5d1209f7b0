package io.mooring.e2e.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.agent.db.TableLayout;
import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.schema.Model;
import io.mooring.contracts.schema.SyncSchema;
import io.mooring.e2e.IotoDevice;
import io.mooring.e2e.verdict.StandingRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A device that says what an Ioto agent says, and now and then what a network makes of it: the same message twice, two
 * messages in the wrong order, an old one again.
 */
final class IotoReplica implements Replica {
    private static final long RESEND_MILLIS = 5_000;
    private static final long TICK_MILLIS = 100;
    private static final long ASK_AGAIN_MILLIS = 30_000;
    private static final int KEEP_ALIVE_SECONDS = 5;
    private final String id;
    private final String account;
    private final String product;
    private final SyncSchema schema;
    private final History history;
    private final Chance chance;
    private final Writes writes;
    private final IotoRows rows;
    private final IotoDevice device;
    private final Actor application;
    private final Actor agent;
    private final long pauseMillis;
    private final Duration clockOff;
    private long seq;
    private long lastUpdated;
    private int life = 1;
    private long askedMillis;
    private volatile boolean away;
    private @Nullable JsonNode certificate;
    /** A message that the next one overtakes. */
    private volatile @Nullable String held;

    private volatile String complaint = "";

    IotoReplica(String id, String account, AgentReplica.Shared shared, Chance chance, IotoRows rows) throws Exception {
        this.id = id;
        this.account = account;
        this.product = shared.product();
        this.schema = shared.schema();
        this.history = shared.history();
        this.chance = chance;
        this.writes = new Writes(id, chance);
        this.rows = rows;
        this.device = new IotoDevice(id, account, shared.cloud(), KEEP_ALIVE_SECONDS, this::hear);
        this.application = new Actor(id, this::act);
        this.agent = new Actor(id + "-agent", this::talk);
        this.pauseMillis = chance.between(150, 700);
        this.clockOff = chance.oneOf(rows.clocksOff());
        this.seq = chance.between(1, 1_000_000);
        history.add("life", line -> line.put("device", id).put("life", life).put("clockOffMs", clockOff.toMillis()));
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String account() {
        return account;
    }

    /** Joins the cloud, and stays in it. */
    void join() {
        agent.start();
    }

    boolean isCaughtUp() {
        return rows.isCaughtUp();
    }

    @Override
    public void start() {
        application.start();
    }

    private void act() throws Exception {
        int what = chance.between(0, 999);
        if (what < 25) {
            beAway();
        } else if (what < 33) {
            rows.wipe();
            // Else a later life would say what only this one knew, and be told that it is acknowledged.
            held = null;
            life++;
            did("wiped");
            device.disconnect();
        } else {
            write();
        }
        application.rest(chance.pauseMillis(pauseMillis));
    }

    private void beAway() throws Exception {
        long until = System.nanoTime() + chance.between(500L, 9_000L) * 1_000_000;
        did("offline");
        away = true;
        device.disconnect();
        while (System.nanoTime() < until && !application.isStopped()) {
            write();
            application.rest(chance.pauseMillis(pauseMillis));
        }
        away = false;
        did("online");
    }

    private void did(String what) {
        history.add("device", line -> line.put("device", id).put("did", what).put("life", life));
    }

    private void write() {
        int kindOf = chance.between(0, 99);
        Writes.Kind kind = kindOf < 60 ? Writes.ITEM : kindOf < 88 ? Writes.SHARED : Writes.REPORT;
        String owner = kind == Writes.SHARED ? account : id;
        String key = kind.key(chance.between(0, kind.keys() - 1));
        String sk = kind.sortKey(key);
        boolean removal = chance.percent(15);
        Map<String, @Nullable Object> values = writes.all(kind, owner);
        String updated = HybridTimestamp.formatMillis(nextMillis());
        if (removal) {
            if (rows.remove(sk, updated)) {
                note(kind, owner, sk, "delete", History.JSON.createObjectNode(), updated);
            }
            return;
        }
        ObjectNode item = History.JSON.createObjectNode();
        item.put("_type", kind.model()).put("sk", sk).put("id", key).put("updated", updated);
        ObjectNode fields = History.JSON.createObjectNode();
        values.forEach((field, value) -> {
            // An Ioto agent has no way to say that a field has no value.
            JsonNode json = value instanceof java.time.Instant instant
                    ? History.JSON.valueToTree(HybridTimestamp.formatMillis(instant.toEpochMilli()))
                    : History.JSON.valueToTree(value == null ? Writes.filler(kind, field, owner) : value);
            fields.set(field, json);
        });
        item.setAll(fields);
        rows.write(item);
        note(kind, owner, sk, "put", fields, updated);
    }

    /** The device's time; two writes may share a millisecond. */
    private long nextMillis() {
        lastUpdated = Math.max(lastUpdated, System.currentTimeMillis() + clockOff.toMillis());
        return lastUpdated;
    }

    private void note(Writes.Kind kind, String owner, String sk, String command, ObjectNode fields, String updated) {
        history.add("write", line -> {
            line.put("by", "device").put("device", id).put("life", life);
            line.put("model", kind.model()).put("owner", owner).put("sk", sk).put("cmd", command);
            line.set("values", fields);
            ObjectNode clock = History.JSON.createObjectNode();
            String at = updated + "-0000-" + id;
            if (command.equals("delete")) {
                clock.put("-", at);
            } else {
                fields.fieldNames().forEachRemaining(field -> clock.put(field, at));
            }
            line.set("clock", clock);
            line.put("exact", false);
        });
    }

    private void talk() throws Exception {
        if (away || device.isConnected()) {
            if (!away) {
                say();
            }
            agent.rest(TICK_MILLIS);
            return;
        }
        if (certificate == null) {
            JsonNode registered =
                    History.JSON.readTree(device.register(product, true).body());
            if (registered.hasNonNull("token")) {
                JsonNode granted = device.provision(
                        registered.get("api").asText(), registered.get("token").asText());
                certificate = granted.has("certificate") ? granted : null;
            }
        }
        if (certificate == null) {
            agent.rest(500);
            return;
        }
        rows.connected();
        device.connect(certificate);
        ask();
    }

    private void ask() throws Exception {
        askedMillis = System.currentTimeMillis();
        device.tell("db/syncDown", "{\"timestamp\":\"" + rows.ask() + "\"}");
    }

    private void say() throws Exception {
        long now = System.currentTimeMillis();
        if (!rows.isCaughtUp() && now - askedMillis > ASK_AGAIN_MILLIS) {
            ask();
        }
        List<ObjectNode> due = rows.due(seq + 1, now, RESEND_MILLIS);
        if (due.isEmpty()) {
            return;
        }
        seq++;
        ObjectNode message = History.JSON.createObjectNode().put("seq", seq);
        message.set("changes", History.JSON.createArrayNode().addAll(due));
        String text = message.toString();
        String late = held;
        if (chance.percent(10) && !application.isStopped()) {
            // It is overtaken by the next.
            held = text;
        } else {
            device.tell("db/syncToDynamo", text);
            held = chance.percent(5) ? text : null;
        }
        if (late != null) {
            device.tell("db/syncToDynamo", late);
        }
        if (chance.percent(5)) {
            device.tell("db/syncToDynamo", text);
        }
    }

    private void hear(IotoDevice.Heard heard) {
        String topic = heard.topic();
        int at = topic.indexOf("/sync/");
        history.add("told", line -> {
            JsonNode json = at < 0 ? null : heard.json();
            line.put("device", id).put("topic", topic);
            if (json != null && json.has("sk")) {
                line.set("row", json);
            }
        });
        if (at >= 0) {
            try {
                rows.told(topic.substring(at + 6), heard.json());
            } catch (RuntimeException e) {
                complaint = "it could make nothing of " + topic + " " + heard.payload() + ": " + e;
            }
        }
    }

    @Override
    public void rest() throws Exception {
        application.stop();
        away = false;
    }

    @Override
    public boolean isInStep() {
        return device.isConnected() && rows.isInStep();
    }

    @Override
    public List<StandingRow> rows() {
        List<StandingRow> all = new ArrayList<>();
        for (ObjectNode item : rows.all()) {
            Model model = schema.model(item.path("_type").asText()).orElseThrow();
            ObjectNode values = History.JSON.createObjectNode();
            TableLayout.of(model).columns().keySet().forEach(field -> {
                if (item.hasNonNull(field)) {
                    values.set(field, item.get(field));
                }
            });
            String owner = switch (model.scope()) {
                case DEVICE -> id;
                case ACCOUNT -> account;
                case CLOUD -> "";
            };
            all.add(new StandingRow(model.name(), owner, item.path("sk").asText(), values, null));
        }
        return all;
    }

    @Override
    public String complaint() {
        return complaint;
    }

    @Override
    public void close() throws Exception {
        application.stop();
        agent.stop();
        device.close();
    }
}
