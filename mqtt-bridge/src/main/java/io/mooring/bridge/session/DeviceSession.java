package io.mooring.bridge.session;

import io.mooring.bridge.event.Presence;
import io.mooring.bridge.registry.DeviceEntry;
import io.mooring.bridge.registry.Fingerprint;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One connection of a device. */
public final class DeviceSession {
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final String id;
    private final DeviceEntry entry;
    private final Fingerprint fingerprint;
    private final Instant expires;
    private final boolean lasting;
    private final DeliveryWindow window;
    private final Presence.Connection connection;
    private final @Nullable Will will;
    private final long sinceNanos = System.nanoTime();
    private long endingNanos;
    private boolean ending;

    DeviceSession(
            String id,
            DeviceEntry entry,
            Fingerprint fingerprint,
            Instant expires,
            boolean lasting,
            DeliveryWindow window,
            Presence.Connection connection,
            @Nullable Will will) {
        this.id = id;
        this.entry = entry;
        this.fingerprint = fingerprint;
        this.expires = expires;
        this.lasting = lasting;
        this.window = window;
        this.connection = connection;
        this.will = will;
    }

    /** Distinct for each connection. */
    public String id() {
        return id;
    }

    /** The device's id, which is also the MQTT client's. */
    public String device() {
        return entry.device();
    }

    /** What the registry said when the device connected. */
    public DeviceEntry entry() {
        return entry;
    }

    /** Of the certificate it connected with. */
    public Fingerprint fingerprint() {
        return fingerprint;
    }

    /** When that certificate's time is over. */
    Instant expires() {
        return expires;
    }

    /** Whether the broker keeps the session when the connection ends. */
    boolean isLasting() {
        return lasting;
    }

    /** What the device has not acknowledged. */
    public DeliveryWindow window() {
        return window;
    }

    /** What is said of the connection. */
    public Presence.Connection connection() {
        return connection;
    }

    /** What the device wants said when it is gone without a word. */
    public Optional<Will> will() {
        return Optional.ofNullable(will);
    }

    long ageNanos() {
        return System.nanoTime() - sinceNanos;
    }

    /** True for the one who ends the connection; again after a while, if it is still there. */
    synchronized boolean beginEnding() {
        boolean first = !ending || System.nanoTime() - endingNanos > RETRY_NANOS;
        if (first) {
            ending = true;
            endingNanos = System.nanoTime();
        }
        return first;
    }
}
