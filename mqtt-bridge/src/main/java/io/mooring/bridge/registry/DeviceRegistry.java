package io.mooring.bridge.registry;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The registry in memory. Written by the one thread that reads the topic, read by any.
 *
 * <p>While it is being read from the topic's beginning, older words on a device come before newer ones, and would let
 * in who was revoked since. So what is read counts only from when all of it has been read: until then nobody is let in
 * ({@link #loaded}), and whoever is connected is judged by what was known before.
 */
public final class DeviceRegistry {
    /** Told of changes, by the thread that reads the registry. */
    public interface Listener {
        /** The registry says something new of a device; empty if it is deleted. */
        void changed(String device, Optional<DeviceEntry> entry);

        /** The registry was read from its beginning; what it says of any device may be new. */
        default void reloaded() {}
    }

    private static final Logger LOG = LoggerFactory.getLogger(DeviceRegistry.class);

    /** More connecting devices than this do not wait: a flood of strangers must not hold memory. */
    private static final int MAX_WAITING = 10_000;

    private record Waiting(String device, Fingerprint fingerprint, CompletableFuture<Admission> answer) {}

    private final int maxDevices;
    private final Map<String, Set<Waiting>> waiting = new ConcurrentHashMap<>();
    private final AtomicInteger waitingCount = new AtomicInteger();
    private final AtomicLong version = new AtomicLong();
    private final AtomicLong beyond = new AtomicLong();
    private volatile DeviceTable table;
    private volatile CompletableFuture<Void> loaded = new CompletableFuture<>();
    private DeviceTable filling;
    private volatile Listener listener = (device, entry) -> {};

    /**
     * Makes an empty one.
     *
     * @param maxDevices how many devices it holds at most; those beyond are not let in
     */
    public DeviceRegistry(int maxDevices) {
        this.maxDevices = maxDevices;
        this.table = new DeviceTable(maxDevices);
        this.filling = new DeviceTable(maxDevices);
    }

    /** Sets the one who is told of changes. */
    public void listen(Listener told) {
        listener = told;
    }

    /** What is known of a device. */
    public Optional<DeviceEntry> find(String device) {
        return table.find(device);
    }

    /** Whether a device with a certificate may be connected, as far as is known now. */
    public Admission decide(String device, Fingerprint fingerprint) {
        Optional<DeviceEntry> entry = find(device);
        return entry.isEmpty() && beyond.get() > 0
                ? new Admission.Refused(Admission.REGISTRY_FULL, true)
                : Admission.decide(entry.orElse(null), fingerprint);
    }

    /** How many devices are known. */
    public int size() {
        return table.size();
    }

    /** What knowing them takes, in bytes. */
    public long bytes() {
        return table.bytes();
    }

    /** How many records were left out because there were too many devices. */
    public long beyond() {
        return beyond.get();
    }

    /** Rises with each change. */
    public long version() {
        return version.get();
    }

    /** Completes when everything has been read that was in the topic when reading began. */
    public CompletableFuture<Void> loaded() {
        return loaded;
    }

    /** Whether everything has been read that was in the topic when reading began. */
    boolean isLoaded() {
        return filling == table;
    }

    /** The topic is read from its beginning again; nobody is let in meanwhile. */
    void startOver() {
        loaded = new CompletableFuture<>();
        filling = new DeviceTable(maxDevices);
        beyond.set(0);
    }

    void markLoaded() {
        table = filling;
        version.incrementAndGet();
        loaded.complete(null);
        Set.copyOf(waiting.keySet()).forEach(this::answerWaiting);
        listener.reloaded();
    }

    void put(DeviceEntry entry) {
        if (!filling.put(entry)) {
            if (beyond.getAndIncrement() == 0) {
                LOG.error(
                        "the registry holds {} devices, as many as it may: {} and all that come after it are not let in;"
                                + " raise registry.max.devices (104 bytes each) and the heap, and restart this node",
                        maxDevices,
                        entry.device());
            }
        } else if (isLoaded()) {
            changed(entry.device(), Optional.of(entry));
        }
    }

    void remove(String device) {
        if (filling.remove(device) && isLoaded()) {
            changed(device, Optional.empty());
        }
    }

    /**
     * Whether a device may be connected. Where the registry may just not have heard of it yet, the
     * answer waits for that.
     */
    public CompletableFuture<Admission> admit(String device, Fingerprint fingerprint, long waitMillis) {
        CompletableFuture<Admission> answer = new CompletableFuture<>();
        // Waits first, looks second: else a change between the two would be missed.
        if (waitMillis <= 0 || waitingCount.incrementAndGet() > MAX_WAITING) {
            if (waitMillis > 0) {
                waitingCount.decrementAndGet();
            }
            answer.complete(decide(device, fingerprint));
            return answer;
        }
        Waiting one = new Waiting(device, fingerprint, answer);
        waiting.compute(device, (id, all) -> {
            Set<Waiting> set = all == null ? ConcurrentHashMap.newKeySet() : all;
            set.add(one);
            return set;
        });
        answer.whenComplete((admission, failure) -> forget(one));
        Admission now = decide(device, fingerprint);
        if (now instanceof Admission.Refused refused && refused.mayChange()) {
            CompletableFuture.delayedExecutor(waitMillis, TimeUnit.MILLISECONDS)
                    .execute(() -> answer.complete(decide(device, fingerprint)));
        } else {
            answer.complete(now);
        }
        return answer;
    }

    private void forget(Waiting one) {
        waitingCount.decrementAndGet();
        waiting.computeIfPresent(one.device(), (id, all) -> {
            all.remove(one);
            return all.isEmpty() ? null : all;
        });
    }

    private void changed(String device, Optional<DeviceEntry> entry) {
        version.incrementAndGet();
        answerWaiting(device);
        listener.changed(device, entry);
    }

    private void answerWaiting(String device) {
        for (Waiting one : Set.copyOf(waiting.getOrDefault(device, Set.of()))) {
            Admission now = decide(device, one.fingerprint());
            if (!(now instanceof Admission.Refused refused && refused.mayChange())) {
                one.answer().complete(now);
            }
        }
    }
}
