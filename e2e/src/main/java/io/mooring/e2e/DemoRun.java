package io.mooring.e2e;

import io.mooring.agent.AgentConfig;
import io.mooring.agent.AgentEvent;
import io.mooring.agent.AgentRuntime;
import io.mooring.agent.AgentState;
import io.mooring.agent.DeviceAgent;
import io.mooring.agent.Schemas;
import io.mooring.contracts.schema.SyncSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One run of the demo: real devices in one process, each with its database in a temporary folder, against a running
 * cloud. The steps are to be called in their order.
 */
final class DemoRun implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final int MOST_AT_ONCE = 64;
    private static final int ROWS_PER_TRANSACTION = 10;
    private static final long POLL_MILLIS = 50;
    /** Rows are written one after the other and not all at once, so that the times are a row's own and not a queue's. */
    private static final Duration BETWEEN_ROWS = Duration.ofMillis(40);

    private final CloudAccess cloud;
    private final int deviceCount;
    private final int rowCount;
    private final Latencies up;
    private final Latencies down;
    private final ProgressBar progress;
    private final Path folder;
    private final AgentRuntime runtime;
    private final ChangeWatcher watcher;
    private final List<DeviceAgent> devices = new ArrayList<>();
    private final Map<String, Long> writtenMicros = new ConcurrentHashMap<>();
    private final Map<String, Long> committedMicros = new ConcurrentHashMap<>();
    private final List<DeviceAgent> away = new ArrayList<>();
    private final Set<String> awayIds = ConcurrentHashMap.newKeySet();

    DemoRun(CloudAccess cloud, int deviceCount, int rowCount, Latencies up, Latencies down, ProgressBar progress)
            throws IOException {
        this.cloud = cloud;
        this.deviceCount = deviceCount;
        this.rowCount = rowCount;
        this.up = up;
        this.down = down;
        this.progress = progress;
        this.folder = Files.createTempDirectory("mooring-demo-");
        this.runtime = AgentRuntime.trusting(cloud.authority(), 2);
        this.watcher = new ChangeWatcher(cloud.kafka(), this::arrivedInTheCloud);
    }

    /** Every device registers, is claimed by its product's rule, gets its certificate and connects. */
    void joinAll() throws Exception {
        String product;
        try (OperatorApi operator = new OperatorApi(cloud)) {
            operator.putSchema("main", Schemas.demoSource());
            product = operator.createProduct("demo-" + Long.toString(System.currentTimeMillis(), 36));
        }
        SyncSchema schema = Schemas.demo();
        progress.begin("devices join", deviceCount);
        Semaphore slots = new Semaphore(MOST_AT_ONCE);
        for (int i = 0; i < deviceCount; i++) {
            slots.acquire();
            String id = claimId();
            AgentConfig config = AgentConfig.of(cloud.deviceApi(), product, folder.resolve("device-" + i))
                    .id(id)
                    .name("Demo " + i)
                    .owner("main", "main")
                    .authority(cloud.authority())
                    .schema(schema)
                    .cacheKilobytes(256)
                    .retries(Duration.ofMillis(250), Duration.ofSeconds(5))
                    .build();
            devices.add(DeviceAgent.open(config, runtime, event -> {
                        if (event instanceof AgentEvent.StateChanged(AgentState state, String detail)
                                && state == AgentState.READY) {
                            slots.release();
                        } else if (event instanceof AgentEvent.RowArrived arrived) {
                            arrivedOnDevice(id, arrived);
                        }
                    })
                    .start());
        }
        for (DeviceAgent device : devices) {
            if (!device.await(AgentState.READY, PATIENCE)) {
                throw new IOException("device " + device.id() + " did not join, it is " + device.state());
            }
            progress.advance(1);
        }
        progress.end();
    }

    /** Each device writes its rows; they are rows of the cloud database at the end. */
    void writeOnDevices() throws Exception {
        progress.begin("rows go up", (long) deviceCount * rowCount);
        long start = System.nanoTime();
        for (int row = 0; row < rowCount; row++) {
            awaitTurn(start, row);
            for (DeviceAgent device : devices) {
                String id = id(row);
                writtenMicros.put(device.id() + " reading#" + id, nowMicros());
                device.rows().put("Reading", Map.of("id", id, "name", "temperature", "value", row + 0.5, "unit", "°C"));
            }
            progress.at(up.count());
        }
        awaitCount("rows went up", up::count, (long) deviceCount * rowCount);
        progress.end();
    }

    private static void awaitTurn(long startNanos, int row) throws InterruptedException {
        long early = startNanos + row * BETWEEN_ROWS.toNanos() - System.nanoTime();
        if (early > 0) {
            TimeUnit.NANOSECONDS.sleep(early);
        }
    }

    /** One device in three leaves, if there is more than one; it writes a row while it is away. */
    void sendSomeAway() throws Exception {
        for (int i = 1; i < devices.size(); i += 3) {
            away.add(devices.get(i));
            awayIds.add(devices.get(i).id());
        }
        for (DeviceAgent device : away) {
            device.goOffline();
            if (!device.await(AgentState.OFFLINE, PATIENCE)) {
                throw new IOException("device " + device.id() + " did not leave");
            }
        }
        for (DeviceAgent device : away) {
            device.rows().put("Reading", Map.of("id", "away", "name", "written away", "value", 1.5));
        }
    }

    /** Every row of every device is changed by plain SQL, as an application would. */
    void changeInTheCloud() throws Exception {
        long expected = (long) (deviceCount - away.size()) * rowCount;
        progress.begin("rows come down", expected);
        long start = System.nanoTime();
        try (Connection connection = cloud.connect();
                PreparedStatement update = connection.prepareStatement(
                        "UPDATE cloud_main.reading SET note = ? WHERE device_id = ? AND id = ANY (?)")) {
            for (int row = 0; row < rowCount; row += ROWS_PER_TRANSACTION) {
                awaitTurn(start, row);
                List<String> ids = new ArrayList<>();
                for (int next = row; next < Math.min(row + ROWS_PER_TRANSACTION, rowCount); next++) {
                    ids.add(id(next));
                }
                for (DeviceAgent device : devices) {
                    update.setString(1, "seen " + row);
                    update.setString(2, device.id());
                    update.setArray(3, connection.createArrayOf("text", ids.toArray()));
                    long now = nowMicros();
                    ids.forEach(id -> committedMicros.put(device.id() + " reading#" + id, now));
                    if (update.executeUpdate() != ids.size()) {
                        throw new IOException("rows of device " + device.id() + " are missing in the cloud");
                    }
                }
                progress.at(down.count());
            }
        }
        awaitCount("rows came down", down::count, expected);
        progress.end();
    }

    /** Who was away comes back and catches up. */
    void bringAllBack() throws Exception {
        progress.begin("devices come back", away.size());
        away.forEach(DeviceAgent::goOnline);
        for (DeviceAgent device : away) {
            if (!device.await(AgentState.READY, PATIENCE)) {
                throw new IOException("device " + device.id() + " did not come back, it is " + device.state());
            }
            progress.advance(1);
        }
        for (DeviceAgent device : devices) {
            awaitCount("device " + device.id() + " is rid of its rows", () -> backlog(device) == 0 ? 1 : 0, 1);
        }
        progress.end();
    }

    /**
     * Both sides hold the same rows.
     *
     * @return how many were compared
     * @throws IOException if any differs, naming the first
     */
    long compare() throws Exception {
        progress.begin("both sides are compared", deviceCount);
        long compared = 0;
        for (DeviceAgent device : devices) {
            TreeMap<String, String> there = inTheCloud(device);
            long until = System.nanoTime() + PATIENCE.toNanos();
            TreeMap<String, String> here = onDevice(device);
            while (!here.equals(there) && System.nanoTime() < until) {
                Thread.sleep(POLL_MILLIS);
                there = inTheCloud(device);
                here = onDevice(device);
            }
            if (!here.equals(there)) {
                throw new IOException("device " + device.id() + " differs: " + firstDifference(here, there));
            }
            int expected = rowCount + (away.contains(device) ? 1 : 0);
            if (here.size() != expected) {
                throw new IOException("device " + device.id() + " has " + here.size() + " rows, not " + expected);
            }
            for (int row = 0; row < rowCount; row++) {
                String held = here.getOrDefault(id(row), "");
                if (!held.endsWith("seen " + row / ROWS_PER_TRANSACTION * ROWS_PER_TRANSACTION)) {
                    throw new IOException(
                            "device " + device.id() + " row " + id(row) + " is not what SQL wrote: " + held);
                }
            }
            compared += rowCount;
            progress.advance(1);
        }
        progress.end();
        return compared;
    }

    /** How many rows went from devices into the cloud. */
    long rowsUp() {
        return (long) deviceCount * rowCount + away.size();
    }

    private TreeMap<String, String> inTheCloud(DeviceAgent device) throws Exception {
        TreeMap<String, String> rows = new TreeMap<>();
        try (Connection connection = cloud.connect();
                PreparedStatement query = connection.prepareStatement(
                        "SELECT id, name, value, unit, note FROM cloud_main.reading WHERE device_id = ?")) {
            query.setString(1, device.id());
            try (ResultSet result = query.executeQuery()) {
                while (result.next()) {
                    rows.put(
                            result.getString("id"),
                            result.getString("name") + " " + result.getDouble("value") + " " + result.getString("unit")
                                    + " " + result.getString("note"));
                }
            }
        }
        return rows;
    }

    private static TreeMap<String, String> onDevice(DeviceAgent device) throws Exception {
        TreeMap<String, String> rows = new TreeMap<>();
        for (Map<String, ?> row : device.rows().query("SELECT id, name, value, unit, note FROM reading")) {
            rows.put(
                    String.valueOf(row.get("id")),
                    row.get("name") + " " + row.get("value") + " " + row.get("unit") + " " + row.get("note"));
        }
        return rows;
    }

    private static String firstDifference(TreeMap<String, String> here, TreeMap<String, String> there) {
        TreeMap<String, String> all = new TreeMap<>(there);
        all.putAll(here);
        for (String id : all.keySet()) {
            if (!String.valueOf(here.get(id)).equals(there.get(id))) {
                return "row " + id + " is '" + here.get(id) + "' on the device and '" + there.get(id)
                        + "' in the cloud";
            }
        }
        return "nothing";
    }

    private void arrivedInTheCloud(ChangeWatcher.Written written) {
        if (written.table().equals("reading")) {
            Long since = writtenMicros.remove(written.device() + " " + written.key());
            if (since != null) {
                up.add((written.committedMicros() - since) / 1000.0);
            }
        }
    }

    private void arrivedOnDevice(String device, AgentEvent.RowArrived arrived) {
        Long since = committedMicros.remove(device + " " + arrived.key());
        // What is caught up measures how long a device was away, not how fast rows travel.
        if (since != null && !awayIds.contains(device)) {
            down.add((nowMicros() - since) / 1000.0);
        }
    }

    private static String claimId() {
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        return new SecureRandom()
                .ints(10, 0, alphabet.length())
                .mapToObj(place -> alphabet.substring(place, place + 1))
                .collect(Collectors.joining());
    }

    private static long backlog(DeviceAgent device) {
        try {
            return device.backlog();
        } catch (SQLException e) {
            throw new IllegalStateException("the database of device " + device.id() + " cannot be read", e);
        }
    }

    private void awaitCount(String what, LongSupplier count, long wanted) throws IOException, InterruptedException {
        long last = count.getAsLong();
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (last < wanted) {
            Thread.sleep(POLL_MILLIS);
            long now = count.getAsLong();
            if (now > last) {
                last = now;
                until = System.nanoTime() + PATIENCE.toNanos();
                progress.at(now);
            } else if (System.nanoTime() > until) {
                throw new IOException("only " + now + " of " + wanted + " " + what);
            }
        }
    }

    private static String id(int row) {
        return "r%06d".formatted(row);
    }

    private static long nowMicros() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
    }

    @Override
    public void close() throws Exception {
        watcher.close();
        try (var closing = Executors.newVirtualThreadPerTaskExecutor()) {
            for (DeviceAgent device : devices) {
                closing.submit(() -> {
                    device.close();
                    return true;
                });
            }
        }
        runtime.close();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
