package io.mooring.e2e.check;

import io.mooring.agent.AgentRuntime;
import io.mooring.agent.Schemas;
import io.mooring.contracts.schema.SyncSchema;
import io.mooring.e2e.OperatorApi;
import io.mooring.e2e.verdict.StandingRow;
import io.mooring.e2e.verdict.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;

/** One run: all join, all do what they will while everything breaks, all heals, and what then stands is looked at. */
final class CheckRun implements AutoCloseable {
    private static final Duration JOINED = Duration.ofSeconds(240);
    /** How long replicas may take to agree once all is healed. */
    private static final Duration HEALED = Duration.ofSeconds(180);

    private static final Duration QUIET = Duration.ofSeconds(6);
    private static final Duration QUIET_WITHIN = Duration.ofSeconds(60);
    private static final long LOOK_MILLIS = 100;

    /**
     * How a run is to be.
     *
     * @param agents how many devices with our agent
     * @param baseAgents of them, how many speak the base protocol only
     * @param iotos how many devices that say what an Ioto agent says
     * @param writers how many write by SQL
     */
    record Size(int agents, int baseAgents, int iotos, int writers) {
        static Size of(Chance chance) {
            return new Size(chance.between(5, 9), chance.between(1, 2), chance.between(2, 3), chance.between(2, 4));
        }
    }

    private final CheckedCloud cloud;
    private final History history;
    private final Chance chance;
    private final Progress progress;
    private final Path folder;
    private final AgentRuntime runtime;
    private final List<Replica> replicas = new ArrayList<>();
    private final List<SqlWriter> writers = new ArrayList<>();
    private final Troubles troubles;
    private final Wire wire;
    private final SyncSchema schema;
    private final String schemaSource;

    CheckRun(CheckedCloud cloud, History history, long seed, Progress progress) throws Exception {
        this.cloud = cloud;
        this.history = history;
        this.chance = new Chance(seed);
        this.progress = progress;
        this.folder = Files.createTempDirectory("mooring-check-");
        this.schemaSource = schemaSource();
        this.schema = Schemas.of(Files.writeString(folder.resolve("schema.json5"), schemaSource));
        this.runtime = AgentRuntime.trusting(cloud.access().authority(), 2);
        this.troubles = new Troubles(cloud, history, chance.of("troubles"));
        this.wire = new Wire(cloud, history);
    }

    static String schemaSource() throws IOException {
        try (InputStream in = CheckRun.class.getResourceAsStream("check-schema.json5")) {
            if (in == null) {
                throw new IOException("check-schema.json5 is missing beside " + CheckRun.class);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /**
     * Has all devices join.
     *
     * @param iotoRows what the devices with an Ioto agent keep their rows in, by their numbers
     */
    void join(long seed, Size size, Function<Integer, IotoRows> iotoRows) throws Exception {
        String other = "other-" + Long.toHexString(seed);
        String product;
        try (OperatorApi operator = new OperatorApi(cloud.access())) {
            operator.putSchema("main", schemaSource);
            operator.createAccount(other);
            product = operator.createProduct("check-" + Long.toHexString(seed), "main", true);
        }
        AgentReplica.Shared shared = new AgentReplica.Shared(cloud.access(), product, schema, runtime, history, folder);
        Chance names = chance.of("names");
        history.add(
                "run",
                line -> line.put("format", Verdict.FORMAT).put("seed", seed).put("schema", schemaSource));
        try (Connection observer = cloud.observer()) {
            note("before", Replicas.inCloud(observer, schema));
        }
        for (int i = 0; i < size.agents() + size.baseAgents(); i++) {
            String id = id(names, "A", i);
            joins(id, account(i, other), i >= size.agents() ? "base" : "agent");
            replicas.add(new AgentReplica(id, account(i, other), i >= size.agents(), shared, chance.of(id)));
        }
        for (int i = 0; i < size.iotos(); i++) {
            String id = id(names, "I", i);
            joins(id, account(i, other), "ioto");
            IotoReplica ioto = new IotoReplica(id, account(i, other), shared, chance.of(id), iotoRows.apply(i));
            replicas.add(ioto);
            ioto.join();
        }
        for (int i = 0; i < size.writers(); i++) {
            String name = "sql-" + i;
            writers.add(new SqlWriter(name, cloud, schema, replicas, history, chance.of(name)));
        }
        progress.say("%d devices join", replicas.size());
        await("all devices joined", JOINED, () -> {
            for (Replica replica : replicas) {
                if (!replica.isInStep()) {
                    return replica.id() + " has not";
                }
            }
            return "";
        });
    }

    /** Said before the device hears of anything, so that what it may hear is known. */
    private void joins(String id, String account, String form) {
        history.add(
                "device",
                line -> line.put("device", id)
                        .put("did", "joins")
                        .put("account", account)
                        .put("form", form));
    }

    private static String id(Chance names, String first, int number) {
        StringBuilder id = new StringBuilder(first).append(number % 10);
        for (int i = 0; i < 8; i++) {
            id.append((char) ('A' + names.between(0, 25)));
        }
        return id.toString();
    }

    private static String account(int number, String other) {
        return number % 3 == 2 ? other : "main";
    }

    /** All write, and everything breaks, for a time. */
    void trouble(Duration time) throws Exception {
        trouble(time, true, () -> false);
    }

    /**
     * All write, until enough has happened.
     *
     * @param most how long at most
     * @param breaks whether everything breaks meanwhile
     * @param enough whether it is enough
     */
    void trouble(Duration most, boolean breaks, BooleanSupplier enough) throws Exception {
        for (Replica replica : replicas) {
            replica.start();
        }
        writers.forEach(SqlWriter::start);
        if (breaks) {
            troubles.start();
        }
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < most.toNanos() && !enough.getAsBoolean()) {
            Thread.sleep(LOOK_MILLIS);
            progress.show(
                    "%d/%d s  %d writes, %d up, %d down, %d kills, %d cuts  %s",
                    (System.nanoTime() - begin) / 1_000_000_000,
                    most.toSeconds(),
                    history.count("write"),
                    history.count("uplink"),
                    history.count("downlink"),
                    troubles.kills(),
                    troubles.cuts(),
                    troubles.last());
        }
        progress.say("all heals");
        troubles.stop();
        for (SqlWriter writer : writers) {
            writer.stop();
        }
        history.add("heal", line -> {});
        cloud.heal();
        for (Replica replica : replicas) {
            replica.rest();
        }
    }

    /** Waits until all replicas agree and all is quiet, and notes what stands then. */
    void settle() throws Exception {
        settle(device -> true);
    }

    /**
     * The same where some never agree.
     *
     * @param agrees which devices, by their ids, are waited for
     */
    void settle(Predicate<String> agrees) throws Exception {
        settleTransactions();
        long begin = System.nanoTime();
        await("all replicas agree", HEALED, () -> disagreement(agrees));
        history.add("agreed", line -> line.put("afterMs", (System.nanoTime() - begin) / 1_000_000));
        long quietBy = System.nanoTime() + QUIET_WITHIN.toNanos();
        while (wire.quiet().compareTo(QUIET) < 0 && System.nanoTime() < quietBy) {
            Thread.sleep(LOOK_MILLIS);
            progress.show("waiting until nothing is said for %d s", QUIET.toSeconds());
        }
        boolean quiet = wire.quiet().compareTo(QUIET) >= 0;
        history.add(
                "quiet", line -> line.put("is", quiet).put("forMs", wire.quiet().toMillis()));
        noteRows();
    }

    /** Finds out what became of transactions whose commit was not answered. */
    private void settleTransactions() throws Exception {
        Map<Long, String> unknown = new TreeMap<>();
        writers.forEach(writer -> unknown.putAll(writer.unknown()));
        try (Connection observer = cloud.observer()) {
            for (var transaction : unknown.entrySet()) {
                long until = System.nanoTime() + HEALED.toNanos();
                while (isRunning(observer, transaction.getValue()) && System.nanoTime() < until) {
                    Thread.sleep(LOOK_MILLIS);
                }
                String outcome = isMarked(observer, transaction.getKey()) ? "committed" : "aborted";
                history.add(
                        "tx",
                        line -> line.put("tx", transaction.getKey())
                                .put("xid", transaction.getValue())
                                .put("outcome", outcome));
            }
        }
    }

    /** Whether the server has not noticed yet that the client is gone. */
    private static boolean isRunning(Connection observer, String xid) throws SQLException {
        try (PreparedStatement query = observer.prepareStatement("SELECT pg_xact_status(?::xid8)")) {
            query.setString(1, xid);
            try (ResultSet row = query.executeQuery()) {
                row.next();
                return "in progress".equals(row.getString(1));
            }
        }
    }

    private static boolean isMarked(Connection observer, long transaction) throws SQLException {
        try (PreparedStatement query = observer.prepareStatement("SELECT FROM checker.mark WHERE tx = ?")) {
            query.setLong(1, transaction);
            try (ResultSet row = query.executeQuery()) {
                return row.next();
            }
        }
    }

    private String disagreement(Predicate<String> agrees) throws Exception {
        for (Replica replica : replicas) {
            if (!replica.isInStep()) {
                return replica.id() + " is not in step";
            }
        }
        List<StandingRow> there;
        try (Connection observer = cloud.observer()) {
            there = Replicas.inCloud(observer, schema);
        }
        for (Replica replica : replicas) {
            if (!agrees.test(replica.id())) {
                continue;
            }
            String difference = Verdict.firstDifference(schema, there, replica.id(), replica.account(), replica.rows());
            if (!difference.isEmpty()) {
                return replica.id() + ": " + difference;
            }
        }
        return "";
    }

    private void noteRows() throws Exception {
        try (Connection observer = cloud.observer()) {
            note("cloud", Replicas.inCloud(observer, schema));
        }
        for (Replica replica : replicas) {
            note(replica.id(), replica.rows());
            String complaint = replica.complaint();
            if (!complaint.isEmpty()) {
                history.add(
                        "complaint", line -> line.put("device", replica.id()).put("what", complaint));
            }
        }
    }

    private void note(String replica, List<StandingRow> rows) {
        for (StandingRow row : rows) {
            history.add("row", line -> {
                line.put("replica", replica)
                        .put("model", row.model())
                        .put("owner", row.owner())
                        .put("sk", row.sk());
                line.set("values", row.values());
                line.set("clock", row.clock());
            });
        }
        history.add("rows", line -> line.put("replica", replica).put("count", rows.size()));
    }

    /** Something to be waited for. */
    @FunctionalInterface
    private interface Missing {
        /** What is missing yet; empty if nothing. */
        String look() throws Exception;
    }

    /** Waits; if it does not come about in time, that is noted and the run goes on, so that what stands can be seen. */
    private void await(String what, Duration time, Missing missing) throws Exception {
        long until = System.nanoTime() + time.toNanos();
        String still = missing.look();
        while (!still.isEmpty() && System.nanoTime() < until) {
            Thread.sleep(LOOK_MILLIS);
            progress.show("waiting until %s: %s", what, still);
            still = missing.look();
        }
        if (!still.isEmpty()) {
            String reason = still;
            history.add(
                    "late",
                    line -> line.put("what", what)
                            .put("afterMs", time.toMillis())
                            .put("still", reason));
        }
    }

    int devices() {
        return replicas.size();
    }

    int kills() {
        return troubles.kills();
    }

    int cuts() {
        return troubles.cuts();
    }

    @Override
    public void close() throws Exception {
        wire.close();
        for (Replica replica : replicas) {
            replica.close();
        }
        runtime.close();
        Folders.delete(folder);
    }
}
