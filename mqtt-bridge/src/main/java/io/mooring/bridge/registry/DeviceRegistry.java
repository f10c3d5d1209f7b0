package io.mooring.bridge.registry;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** The registry in memory. Safe for use by many threads. */
public final class DeviceRegistry {
    /** Told of every change, by the thread that reads the registry. */
    @FunctionalInterface
    public interface Listener {
        /** The registry says something new of a device; empty if it is deleted. */
        void changed(String device, Optional<DeviceEntry> entry);
    }

    /** More connecting devices than this do not wait: a flood of strangers must not hold memory. */
    private static final int MAX_WAITING = 10_000;

    private record Waiting(String device, String fingerprint, CompletableFuture<Admission> answer) {}

    private final Map<String, DeviceEntry> entries = new ConcurrentHashMap<>();
    private final Map<String, Set<Waiting>> waiting = new ConcurrentHashMap<>();
    private final AtomicInteger waitingCount = new AtomicInteger();
    private final AtomicLong version = new AtomicLong();
    private final CompletableFuture<Void> loaded = new CompletableFuture<>();
    private volatile Listener listener = (device, entry) -> {};

    /** Sets the one who is told of changes. */
    public void listen(Listener told) {
        listener = told;
    }

    /** What is known of a device. */
    public Optional<DeviceEntry> find(String device) {
        return Optional.ofNullable(entries.get(device));
    }

    /** How many devices are known. */
    public int size() {
        return entries.size();
    }

    /** Rises with each change. */
    public long version() {
        return version.get();
    }

    /** Completes when everything has been read that was in the topic at start. */
    public CompletableFuture<Void> loaded() {
        return loaded;
    }

    void markLoaded() {
        loaded.complete(null);
    }

    void put(DeviceEntry entry) {
        entries.put(entry.device(), entry);
        changed(entry.device(), Optional.of(entry));
    }

    void remove(String device) {
        if (entries.remove(device) != null) {
            changed(device, Optional.empty());
        }
    }

    /**
     * Whether a device may be connected. Where the registry may just not have heard of it yet, the
     * answer waits for that.
     */
    public CompletableFuture<Admission> admit(String device, String fingerprint, long waitMillis) {
        CompletableFuture<Admission> answer = new CompletableFuture<>();
        // Waits first, looks second: else a change between the two would be missed.
        if (waitMillis <= 0 || waitingCount.incrementAndGet() > MAX_WAITING) {
            if (waitMillis > 0) {
                waitingCount.decrementAndGet();
            }
            answer.complete(Admission.decide(entries.get(device), fingerprint));
            return answer;
        }
        Waiting one = new Waiting(device, fingerprint, answer);
        waiting.compute(device, (id, all) -> {
            Set<Waiting> set = all == null ? ConcurrentHashMap.newKeySet() : all;
            set.add(one);
            return set;
        });
        answer.whenComplete((admission, failure) -> forget(one));
        Admission now = Admission.decide(entries.get(device), fingerprint);
        if (now instanceof Admission.Refused refused && refused.mayChange()) {
            CompletableFuture.delayedExecutor(waitMillis, TimeUnit.MILLISECONDS)
                    .execute(() -> answer.complete(Admission.decide(entries.get(device), fingerprint)));
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
        for (Waiting one : Set.copyOf(waiting.getOrDefault(device, Set.of()))) {
            Admission now = Admission.decide(entries.get(device), one.fingerprint());
            if (!(now instanceof Admission.Refused refused && refused.mayChange())) {
                one.answer().complete(now);
            }
        }
        listener.changed(device, entry);
    }
}
