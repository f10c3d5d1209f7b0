package io.mooring.bridge.downlink;

import io.mooring.bridge.registry.DeviceEntry;
import io.mooring.bridge.registry.DeviceRegistry;
import io.mooring.bridge.session.SessionDirectory;
import io.mooring.contracts.mqtt.Receiver;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which devices of this node a receiver stands for. Used by one thread. */
final class Addressees {
    private record Group(String cloud, Receiver receiver) {}

    private final DeviceRegistry registry;
    private final SessionDirectory sessions;
    private final Map<Group, List<String>> groups = new HashMap<>();
    private long registryVersion = -1;
    private long sessionsVersion = -1;

    Addressees(DeviceRegistry registry, SessionDirectory sessions) {
        this.registry = registry;
        this.sessions = sessions;
    }

    /** The devices of a cloud that a receiver stands for and that the broker holds a session of. */
    List<String> of(String cloud, Receiver receiver) {
        if (receiver instanceof Receiver.Device device) {
            return sessions.window(device.id()).isPresent() && hears(device.id(), cloud, receiver)
                    ? List.of(device.id())
                    : List.of();
        }
        long registryNow = registry.version();
        long sessionsNow = sessions.version();
        if (registryNow != registryVersion || sessionsNow != sessionsVersion) {
            groups.clear();
            registryVersion = registryNow;
            sessionsVersion = sessionsNow;
        }
        return groups.computeIfAbsent(new Group(cloud, receiver), this::members);
    }

    private List<String> members(Group group) {
        List<String> members = new ArrayList<>();
        for (String device : sessions.known()) {
            if (hears(device, group.cloud(), group.receiver())) {
                members.add(device);
            }
        }
        return members;
    }

    private boolean hears(String device, String cloud, Receiver receiver) {
        Optional<DeviceEntry> entry = registry.find(device);
        return entry.isPresent()
                && entry.get().state() == DeviceEntry.State.ACTIVE
                && entry.get().cloud().equals(cloud)
                && (!(receiver instanceof Receiver.Account account)
                        || entry.get().account().equals(account.account()));
    }
}
