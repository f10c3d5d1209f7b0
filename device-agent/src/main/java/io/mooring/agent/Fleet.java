package io.mooring.agent;

import io.mooring.agent.cloud.SyncSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.BiConsumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Many devices in one process, for demonstrations and measurements. Each is a device like any other,
 * with a folder, a database and a connection of its own; threads and the like are shared.
 *
 * <p>A device's work on its database holds a carrier of virtual threads while the disk is at it: with
 * hundreds of devices that write, start the process with {@code
 * -Djdk.virtualThreadScheduler.parallelism=16} or so.
 */
public final class Fleet implements AutoCloseable {
    /** How many devices may be joining at once: the cloud makes a certificate for each. */
    private static final int JOINING_AT_ONCE = 64;

    private static final int CACHE_KILOBYTES = 128;
    private static final Duration LOOK = Duration.ofMillis(20);

    private final AgentRuntime runtime;
    private final List<DeviceAgent> devices;

    private Fleet(AgentRuntime runtime, List<DeviceAgent> devices) {
        this.runtime = runtime;
        this.devices = devices;
    }

    /**
     * Opens a fleet; none of its devices does anything yet.
     *
     * @param size how many devices
     * @param authority PEM file of the authorities to trust, or null for those of the Java runtime
     * @param networkThreads how many threads all their connections share
     * @param configs what the device of a number (from 0) is told
     * @param listener hears what happens to which device, from many threads
     */
    public static Fleet open(
            int size,
            @Nullable Path authority,
            int networkThreads,
            IntFunction<AgentConfig> configs,
            BiConsumer<DeviceAgent, AgentEvent> listener)
            throws IOException, SQLException {
        AgentRuntime runtime = AgentRuntime.trusting(authority, networkThreads);
        Fleet fleet = new Fleet(runtime, new ArrayList<>());
        try {
            for (int i = 0; i < size; i++) {
                Teller teller = new Teller(listener);
                DeviceAgent device = DeviceAgent.open(configs.apply(i), runtime, teller::tell);
                teller.device = device;
                fleet.devices.add(device);
            }
            return fleet;
        } catch (IOException | SQLException | RuntimeException e) {
            fleet.close();
            throw e;
        }
    }

    /** Tells whose event it is; what happens before a device is open has nobody to be told of. */
    private static final class Teller {
        private final BiConsumer<DeviceAgent, AgentEvent> listener;
        private volatile @Nullable DeviceAgent device;

        Teller(BiConsumer<DeviceAgent, AgentEvent> listener) {
            this.listener = listener;
        }

        void tell(AgentEvent event) {
            DeviceAgent whose = device;
            if (whose != null) {
                listener.accept(whose, event);
            }
        }
    }

    /**
     * What suits one of many devices: little memory, and no looking for writes of other processes but
     * once in a while. Add what is the device's own.
     */
    public static AgentConfig.Builder config(String url, String productToken, Path folder) {
        return AgentConfig.of(url, productToken, folder)
                .cacheKilobytes(CACHE_KILOBYTES)
                .keepAlive(Duration.ofMinutes(5))
                .sync(SyncSettings.DEFAULT.withPoll(Duration.ofMillis(100), Duration.ofSeconds(2)));
    }

    /** The devices, by their numbers. */
    public List<DeviceAgent> devices() {
        return List.copyOf(devices);
    }

    /**
     * Starts all devices, not too many at once, and waits until they are ready.
     *
     * @return whether all were within the time
     */
    public boolean start(Duration time) throws InterruptedException {
        long until = System.nanoTime() + time.toNanos();
        Semaphore places = new Semaphore(JOINING_AT_ONCE);
        List<Future<Boolean>> joining = new ArrayList<>();
        for (DeviceAgent device : devices) {
            places.acquire();
            joining.add(runtime.agents().submit(() -> {
                try {
                    return device.start().await(AgentState.READY, Duration.ofNanos(until - System.nanoTime()));
                } finally {
                    places.release();
                }
            }));
        }
        return all(joining);
    }

    private static boolean all(List<Future<Boolean>> futures) throws InterruptedException {
        boolean all = true;
        for (Future<Boolean> future : futures) {
            try {
                all &= future.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException(e.getCause());
            }
        }
        return all;
    }

    /** Takes the first devices off-line, and waits until they are. */
    public void goOffline(int count) throws InterruptedException {
        List<DeviceAgent> leaving = devices.subList(0, count);
        leaving.forEach(DeviceAgent::goOffline);
        for (DeviceAgent device : leaving) {
            device.await(AgentState.OFFLINE, Duration.ofSeconds(30));
        }
    }

    /** Has the first devices come back; {@link #awaitInStep} tells when they are. */
    public void goOnline(int count) {
        devices.subList(0, count).forEach(DeviceAgent::goOnline);
    }

    /**
     * Waits until every device that is not kept off-line has caught up, and the cloud has all it wrote.
     *
     * @return whether they were within the time
     */
    public boolean awaitInStep(Duration time) throws InterruptedException, SQLException {
        long until = System.nanoTime() + time.toNanos();
        for (DeviceAgent device : devices) {
            while (!isInStep(device)) {
                if (System.nanoTime() - until > 0) {
                    return false;
                }
                Thread.sleep(LOOK);
            }
        }
        return true;
    }

    private static boolean isInStep(DeviceAgent device) throws SQLException {
        AgentState state = device.state();
        return state == AgentState.OFFLINE || (state == AgentState.READY && device.backlog() == 0);
    }

    /** Closes all devices; what they have stays in their folders. */
    @Override
    public void close() throws IOException, SQLException {
        List<Future<Boolean>> closing = new ArrayList<>();
        for (DeviceAgent device : devices) {
            closing.add(runtime.agents().submit(() -> {
                device.close();
                return true;
            }));
        }
        try {
            all(closing);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            runtime.close();
        }
    }
}
