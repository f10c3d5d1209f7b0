package io.mooring.e2e;

import static org.awaitility.Awaitility.await;

import io.mooring.agent.AgentConfig;
import io.mooring.agent.AgentRuntime;
import io.mooring.agent.AgentState;
import io.mooring.agent.DeviceAgent;
import io.mooring.agent.command.CommandHandler.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Many devices of one process that do the command {@value #COMMAND}, and count how often they did each one. They go and
 * come back as they are told, on-line or not, or as a new process with the same folder.
 */
final class CommandedFleet implements AutoCloseable {
    static final String COMMAND = "work";

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int LONGEST_WORK_MILLIS = 150;

    private final CloudAccess cloud;
    private final String product;
    private final Path folder;
    private final AgentRuntime runtime;
    private final List<DeviceAgent> devices = new CopyOnWriteArrayList<>();
    private final Set<String> reopened = ConcurrentHashMap.newKeySet();
    private final Map<String, Integer> done = new ConcurrentHashMap<>();

    CommandedFleet(CloudAccess cloud, String product, Path folder) throws IOException {
        this.cloud = cloud;
        this.product = product;
        this.folder = folder;
        this.runtime = AgentRuntime.trusting(cloud.authority(), 2);
    }

    /** Has so many devices join; returns when all are connected and have caught up. */
    void join(int count) throws Exception {
        for (int i = 0; i < count; i++) {
            devices.add(open("FIRE%06d".formatted(i)));
        }
        awaitAll();
    }

    private DeviceAgent open(String id) throws IOException, SQLException {
        AgentConfig config = AgentConfig.of(cloud.deviceApi(), product, folder.resolve(id))
                .id(id)
                .owner("main", "main")
                .authority(cloud.authority())
                .cacheKilobytes(256)
                .keepAlive(Duration.ofSeconds(5))
                .retries(Duration.ofMillis(200), Duration.ofSeconds(2))
                .command(COMMAND, (command, progress) -> {
                    int times = done.merge(key(command.id(), id), 1, Integer::sum);
                    TimeUnit.MILLISECONDS.sleep(ThreadLocalRandom.current().nextInt(LONGEST_WORK_MILLIS));
                    progress.report(50, "half");
                    return new Outcome.Succeeded(Map.of("device", id, "times", times));
                })
                .build();
        return DeviceAgent.open(config, runtime, event -> {}).start();
    }

    List<String> ids() {
        return devices.stream().map(DeviceAgent::id).toList();
    }

    /** One device goes: it leaves for a while, or its process ends and begins anew. */
    void disturbOne(Random chance) throws Exception {
        int index = chance.nextInt(devices.size());
        DeviceAgent device = devices.get(index);
        if (chance.nextInt(4) == 0) {
            reopened.add(device.id());
            device.close();
            devices.set(index, open(device.id()));
        } else {
            device.goOffline();
            TimeUnit.MILLISECONDS.sleep(chance.nextInt(1_500));
            device.goOnline();
        }
    }

    /** Waits until all are there. */
    void awaitAll() {
        await().atMost(PATIENCE).until(() -> devices.stream().allMatch(device -> device.state() == AgentState.READY));
    }

    /** How often a device did a command. */
    int timesDone(String command, String device) {
        return done.getOrDefault(key(command, device), 0);
    }

    /** Whether a device's process ever began anew. */
    boolean wasReopened(String device) {
        return reopened.contains(device);
    }

    private static String key(String command, String device) {
        return command + "/" + device;
    }

    @Override
    public void close() throws Exception {
        List<Thread> closing = new ArrayList<>();
        for (DeviceAgent device : devices) {
            closing.add(Thread.ofVirtual().start(() -> {
                try {
                    device.close();
                } catch (IOException | SQLException e) {
                    System.err.println(device.id() + " was not closed: " + e);
                }
            }));
        }
        for (Thread thread : closing) {
            thread.join();
        }
        runtime.close();
    }
}
