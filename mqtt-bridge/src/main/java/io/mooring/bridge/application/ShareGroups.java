package io.mooring.bridge.application;

import com.hivemq.extension.sdk.api.packets.general.Qos;
import com.hivemq.extension.sdk.api.services.Services;
import io.mooring.bridge.kafka.KafkaClients;
import io.mooring.bridge.registry.DeviceRegistry;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The shared subscriptions that have workers on this broker node. */
final class ShareGroups implements AutoCloseable {
    /** A group that was made for a subscriber that never came. */
    private static final long UNUSED_SECONDS = 30;

    private final KafkaClients clients;
    private final String prefix;
    private final Applications applications;
    private final DeviceRegistry registry;
    private final Clock clock;
    private final int perApplication;
    private final Tickets tickets = new Tickets();
    private final Map<ShareName, ShareGroup> groups = new HashMap<>();

    ShareGroups(
            KafkaClients clients,
            String prefix,
            Applications applications,
            DeviceRegistry registry,
            Clock clock,
            int perApplication) {
        this.clients = clients;
        this.prefix = prefix;
        this.applications = applications;
        this.registry = registry;
        this.clock = clock;
        this.perApplication = perApplication;
    }

    /** Whether an application may have this one as well. */
    synchronized boolean hasRoom(ShareName name) {
        return groups.containsKey(name)
                || groups.keySet().stream()
                                .filter(one -> one.application().equals(name.application()))
                                .count()
                        < perApplication;
    }

    /** Makes a group; completes when nothing said from now on would be missed by it. */
    CompletableFuture<Void> prepare(ShareName name) {
        return group(name).ready().copy();
    }

    private synchronized ShareGroup group(ShareName name) {
        return groups.computeIfAbsent(name, one -> {
            ShareGroup group = new ShareGroup(one, clients, prefix, applications, registry, tickets, clock);
            group.start();
            Services.extensionExecutorService().schedule(() -> closeUnused(name), UNUSED_SECONDS, TimeUnit.SECONDS);
            return group;
        });
    }

    /** A worker joins. */
    synchronized void join(ShareName name, ApplicationSession worker, Qos qos) {
        group(name).join(worker, qos);
    }

    /** A worker leaves; what it has not acknowledged goes to others. */
    void leave(ShareName name, ApplicationSession worker) {
        ShareGroup group;
        synchronized (this) {
            group = groups.get(name);
        }
        if (group != null) {
            group.leave(worker);
            closeUnused(name);
        }
    }

    /** A worker is there again, with the subscriptions it had. */
    void rejoin(ApplicationSession worker) {
        for (String filter : worker.subscriber().shared()) {
            ShareName.parse(filter)
                    .filter(name -> name.application().equals(worker.application()))
                    .ifPresent(name -> join(name, worker, Qos.AT_LEAST_ONCE));
        }
    }

    /** A worker's connection ended. */
    void left(ApplicationSession worker) {
        List<ShareName> all;
        synchronized (this) {
            all = new ArrayList<>(groups.keySet());
        }
        all.stream()
                .filter(name -> name.application().equals(worker.application()))
                .forEach(name -> leave(name, worker));
    }

    private void closeUnused(ShareName name) {
        ShareGroup unused;
        synchronized (this) {
            ShareGroup group = groups.get(name);
            if (group == null || group.hasWorkers() || group.isYoung(TimeUnit.SECONDS.toNanos(UNUSED_SECONDS - 1))) {
                return;
            }
            unused = groups.remove(name);
        }
        if (unused != null) {
            Services.extensionExecutorService().execute(unused::close);
        }
    }

    /** What workers were given and have not acknowledged. */
    Tickets tickets() {
        return tickets;
    }

    synchronized int size() {
        return groups.size();
    }

    @Override
    public void close() {
        List<ShareGroup> all;
        synchronized (this) {
            all = new ArrayList<>(groups.values());
            groups.clear();
        }
        all.forEach(ShareGroup::close);
    }
}
