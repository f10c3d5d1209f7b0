package io.mooring.bridge.session;

import io.mooring.bridge.event.Presence;
import io.mooring.bridge.registry.DeviceEntry;
import java.security.SecureRandom;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The sessions on this broker node: connections, and what the broker keeps for absent devices. */
public final class SessionDirectory {
    /** How long a connection that was let in may take to become one. */
    private static final long ARRIVAL_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final int maxOutstanding;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, DeviceSession> byId = new ConcurrentHashMap<>();
    private final Map<String, DeviceSession> connected = new ConcurrentHashMap<>();
    private final Map<String, DeliveryWindow> windows = new ConcurrentHashMap<>();
    private final AtomicLong version = new AtomicLong();

    public SessionDirectory(int maxOutstanding) {
        this.maxOutstanding = maxOutstanding;
    }

    /** A device is let in. */
    DeviceSession admit(
            DeviceEntry entry,
            ClientIdentity who,
            boolean clean,
            boolean lasting,
            Function<String, Presence.Connection> connection,
            @Nullable Will will) {
        byte[] id = new byte[8];
        random.nextBytes(id);
        DeliveryWindow window = know(entry.device());
        if (clean) {
            window.reset();
        }
        String name = HexFormat.of().formatHex(id);
        DeviceSession session = new DeviceSession(
                name, entry, who.fingerprint(), who.until(), lasting, window, connection.apply(name), will);
        byId.put(session.id(), session);
        return session;
    }

    /** The broker holds a session of this device, connected or not. */
    public DeliveryWindow know(String device) {
        return windows.computeIfAbsent(device, id -> {
            version.incrementAndGet();
            return new DeliveryWindow(maxOutstanding);
        });
    }

    /** The broker holds no session of this device any more. */
    public void forget(String device) {
        if (!connected.containsKey(device) && windows.remove(device) != null) {
            version.incrementAndGet();
        }
    }

    /** The session that was let in under an id. */
    Optional<DeviceSession> find(String id) {
        return Optional.ofNullable(byId.get(id));
    }

    /** Whether a session's connection is being made or there. */
    public boolean isOpen(DeviceSession session) {
        return byId.containsKey(session.id());
    }

    /** The session's connection is there. */
    void arrived(DeviceSession session) {
        session.window().resumed();
        // Whom this connection takes the place of may have been forgotten since it was let in.
        if (windows.put(session.device(), session.window()) == null) {
            version.incrementAndGet();
        }
        connected.put(session.device(), session);
    }

    /**
     * The session's connection ended.
     *
     * @return whether the device is gone, and not just connected anew
     */
    boolean left(DeviceSession session) {
        byId.remove(session.id());
        boolean gone = connected.remove(session.device(), session);
        if (gone && !session.isLasting()) {
            session.window().reset();
            forget(session.device());
        }
        return gone;
    }

    /** The connection of a device. */
    public Optional<DeviceSession> connected(String device) {
        return Optional.ofNullable(connected.get(device));
    }

    /** All connections. */
    public Collection<DeviceSession> connected() {
        return connected.values();
    }

    /** What a device has not acknowledged; empty if the broker holds no session of it. */
    public Optional<DeliveryWindow> window(String device) {
        return Optional.ofNullable(windows.get(device));
    }

    /** The devices that the broker holds a session of. */
    public Set<String> known() {
        return windows.keySet();
    }

    /** Rises whenever a device becomes known or is forgotten. */
    public long version() {
        return version.get();
    }

    /** Forgets those who were let in and never came. */
    void sweep() {
        byId.values()
                .removeIf(session -> session.ageNanos() > ARRIVAL_NANOS && connected.get(session.device()) != session);
    }
}
