package io.mooring.e2e.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.agent.AgentConfig;
import io.mooring.agent.AgentEvent;
import io.mooring.agent.AgentRuntime;
import io.mooring.agent.AgentState;
import io.mooring.agent.DeviceAgent;
import io.mooring.contracts.schema.SyncSchema;
import io.mooring.e2e.CloudAccess;
import io.mooring.e2e.verdict.StandingRow;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A device with our agent. It writes by the library, goes off-line and comes back, is closed and opened, with a clock that
 * is right or off by years, is wiped, and is restored from an old copy of its folder.
 */
final class AgentReplica implements Replica {
    private static final long TAKEN_IN_MILLIS = 10_000;
    private static final List<Duration> CLOCKS_OFF = List.of(
            Duration.ZERO,
            Duration.ZERO,
            Duration.ZERO,
            Duration.ofDays(-3 * 365),
            Duration.ofDays(2 * 365),
            Duration.ofMinutes(4),
            Duration.ofHours(-1),
            Duration.ofSeconds(-20));

    private final String id;
    private final String account;
    private final boolean base;
    private final CloudAccess cloud;
    private final String product;
    private final SyncSchema schema;
    private final AgentRuntime runtime;
    private final History history;
    private final Chance chance;
    private final Writes writes;
    private final Path folder;
    private final Path backup;
    private final Actor actor;
    private final long pauseMillis;
    private DeviceAgent device;
    private int life;
    private boolean backedUp;
    private volatile long badMessages;

    /** What all devices of a run share. */
    record Shared(
            CloudAccess cloud, String product, SyncSchema schema, AgentRuntime runtime, History history, Path folder) {}

    AgentReplica(String id, String account, boolean base, Shared shared, Chance chance)
            throws IOException, SQLException {
        this.id = id;
        this.account = account;
        this.base = base;
        this.cloud = shared.cloud();
        this.product = shared.product();
        this.schema = shared.schema();
        this.runtime = shared.runtime();
        this.history = shared.history();
        this.chance = chance;
        this.writes = new Writes(id, chance);
        this.folder = shared.folder().resolve(id);
        this.backup = shared.folder().resolve(id + "-backup");
        this.pauseMillis = chance.between(60, 500);
        this.actor = new Actor(id, this::act);
        this.device = open(Duration.ZERO);
    }

    private DeviceAgent open(Duration clockOff) throws IOException, SQLException {
        AgentConfig config = AgentConfig.of(cloud.deviceApi(), product, folder)
                .id(id)
                .name("Check " + id)
                .owner(account, "main")
                .authority(cloud.authority())
                .schema(schema)
                .base(base)
                .cacheKilobytes(256)
                .keepAlive(Duration.ofSeconds(5))
                .retries(Duration.ofMillis(200), Duration.ofSeconds(2))
                .clock(clockOff.isZero() ? Clock.systemUTC() : Clock.offset(Clock.systemUTC(), clockOff))
                .build();
        life++;
        history.add("life", line -> line.put("device", id).put("life", life).put("clockOffMs", clockOff.toMillis()));
        return DeviceAgent.open(config, runtime, this::heard).start();
    }

    private void heard(AgentEvent event) {
        switch (event) {
            case AgentEvent.RowArrived row ->
                history.add(
                        "heard",
                        line -> line.put("device", id)
                                .put("model", row.model())
                                .put("sk", row.key())
                                .put("outcome", row.outcome().name())
                                .set("values", History.JSON.valueToTree(row.values())));
            case AgentEvent.RowRefused refused ->
                history.add(
                        "refused",
                        line -> line.put("device", id)
                                .put("model", refused.model())
                                .put("sk", refused.key())
                                .put("reason", refused.reason()));
            default -> {
                // States and troubles are as they must be while everything is being broken.
            }
        }
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String account() {
        return account;
    }

    boolean await(AgentState state, Duration time) throws InterruptedException {
        return device.await(state, time);
    }

    @Override
    public void start() {
        actor.start();
    }

    private void act() throws Exception {
        int what = chance.between(0, 999);
        if (what < 25) {
            beAway();
        } else if (what < 40) {
            reopen("reopened");
        } else if (what < 48) {
            wipe();
        } else if (what < 58) {
            backUp();
        } else if (what < 66) {
            restore();
        } else if (what < 130) {
            burst();
        } else {
            write();
        }
        actor.rest(chance.pauseMillis(pauseMillis));
    }

    private void beAway() throws Exception {
        long until = System.nanoTime() + chance.between(500L, 9_000L) * 1_000_000;
        did("offline");
        device.goOffline();
        while (System.nanoTime() < until && !actor.isStopped()) {
            write();
            actor.rest(chance.pauseMillis(pauseMillis));
        }
        did("online");
        device.goOnline();
    }

    private Duration anyClock() {
        Duration off = chance.oneOf(CLOCKS_OFF);
        // An Ioto device far ahead keeps its own rows (docs/sync.md, not guaranteed).
        return base && off.toMinutes() > 4 ? Duration.ZERO : off;
    }

    private void reopen(String why) throws Exception {
        shut();
        did(why);
        device = open(anyClock());
    }

    private void shut() throws Exception {
        badMessages += device.badMessages();
        device.close();
    }

    private void wipe() throws Exception {
        Duration clockOff = anyClock();
        shut();
        Folders.delete(folder);
        did("wiped");
        device = open(clockOff);
    }

    private void backUp() throws Exception {
        Duration clockOff = anyClock();
        shut();
        Folders.delete(backup);
        Folders.copy(folder, backup);
        backedUp = true;
        did("backed-up");
        device = open(clockOff);
    }

    private void restore() throws Exception {
        Duration clockOff = anyClock();
        if (!backedUp) {
            return;
        }
        shut();
        Folders.delete(folder);
        Folders.copy(backup, folder);
        did("restored");
        device = open(clockOff);
    }

    private void did(String what) {
        history.add("device", line -> line.put("device", id).put("did", what).put("life", life));
    }

    /** Many writes of one row, faster than any of them goes up. */
    private void burst() throws Exception {
        Writes.Kind kind = kind();
        String key = kind.key(chance.between(0, kind.keys() - 1));
        int count = chance.between(2, 12);
        for (int i = 0; i < count; i++) {
            write(kind, key, i == count - 1);
        }
    }

    private Writes.Kind kind() {
        int kindOf = chance.between(0, 99);
        return kindOf < 60 ? Writes.ITEM : kindOf < 88 ? Writes.SHARED : Writes.REPORT;
    }

    private void write() throws Exception {
        Writes.Kind kind = kind();
        write(kind, kind.key(chance.between(0, kind.keys() - 1)), true);
    }

    private void write(Writes.Kind kind, String key, boolean settled) throws Exception {
        String owner = kind == Writes.SHARED ? account : id;
        String sk = kind.sortKey(key);
        int how = chance.between(0, 99);
        Map<String, @Nullable Object> values =
                how < 35 ? writes.all(kind, owner) : writes.values(kind, owner, writes.some(kind));
        String command;
        boolean done;
        if (how < 35) {
            command = "put";
            Map<String, @Nullable Object> row = new HashMap<>(values);
            row.put("id", key);
            device.rows().put(kind.model(), row);
            done = true;
        } else if (how < 85) {
            command = "patch";
            done = device.rows().patch(kind.model(), sk, values);
        } else {
            command = "delete";
            values = Map.of();
            done = device.rows().delete(kind.model(), sk);
        }
        if (done) {
            note(kind.model(), owner, sk, command, values, settled ? takenIn(kind.model(), sk) : null);
        }
    }

    private void note(
            String model,
            String owner,
            String sk,
            String command,
            Map<String, @Nullable Object> values,
            @Nullable JsonNode clock) {
        history.add("write", line -> {
            line.put("by", "device").put("device", id).put("life", life);
            line.put("model", model).put("owner", owner).put("sk", sk).put("cmd", command);
            line.set("values", History.JSON.valueToTree(texts(values)));
            if (clock != null) {
                line.set("clock", base ? sentClock(clock, command, values) : clock);
            }
            line.put("exact", !base);
        });
    }

    /** What the base protocol makes of a row's clock: a time for each field it sends, without a counter. */
    private static JsonNode sentClock(JsonNode clock, String command, Map<String, @Nullable Object> values) {
        String latest = "";
        for (JsonNode at : clock) {
            latest = at.asText().compareTo(latest) > 0 ? at.asText() : latest;
        }
        String at = latest.replaceFirst("Z-[0-9a-f]{4}-", "Z-0000-");
        ObjectNode sent = History.JSON.createObjectNode();
        if (command.equals("delete")) {
            return sent.put("-", at);
        }
        values.keySet().forEach(field -> sent.put(field, at));
        return sent;
    }

    private static Map<String, @Nullable Object> texts(Map<String, @Nullable Object> values) {
        Map<String, @Nullable Object> plain = new HashMap<>(values);
        plain.replaceAll((field, value) -> value instanceof java.time.Instant ? value.toString() : value);
        return plain;
    }

    /** The row's clock once the agent has given the last write one. */
    private @Nullable JsonNode takenIn(String model, String sk) throws SQLException, IOException {
        long until = System.nanoTime() + TAKEN_IN_MILLIS * 1_000_000;
        while (System.nanoTime() < until) {
            var waiting = device.rows().query("SELECT count(*) AS n FROM _change");
            if (((Number) Objects.requireNonNull(waiting.getFirst().get("n"))).longValue() == 0) {
                var clock = device.rows().query("SELECT clock FROM _clock WHERE model = ? AND sk = ?", model, sk);
                return clock.isEmpty()
                        ? null
                        : History.JSON.readTree(String.valueOf(clock.getFirst().get("clock")));
            }
            actor.rest(1);
        }
        return null;
    }

    @Override
    public void rest() throws Exception {
        actor.stop();
        device.goOnline();
    }

    @Override
    public boolean isInStep() throws SQLException {
        return device.state() == AgentState.READY && device.backlog() == 0;
    }

    @Override
    public List<StandingRow> rows() throws Exception {
        return Replicas.onAgent(device, id, account, schema, base);
    }

    @Override
    public String complaint() {
        long bad = badMessages + device.badMessages();
        return bad == 0 ? "" : bad + " messages made no sense to it";
    }

    @Override
    public void close() throws Exception {
        actor.stop();
        device.close();
    }
}
