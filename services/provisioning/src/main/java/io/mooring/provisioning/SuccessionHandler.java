package io.mooring.provisioning;

import io.mooring.provisioning.core.DeviceCommand;
import io.mooring.provisioning.db.DeviceStore;
import io.mooring.provisioning.db.Transactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.Set;

/** Lets go of the certificate before, once a device was seen to use the one that follows it. */
@ApplicationScoped
public class SuccessionHandler {
    private final Clock clock = Clock.tickMillis(ZoneOffset.UTC);
    private final Transactions transactions;
    private final DeviceStore devices;
    private final DeviceChanges changes;
    private final RevocationRelay relay;

    SuccessionHandler(Transactions transactions, DeviceStore devices, DeviceChanges changes, RevocationRelay relay) {
        this.transactions = transactions;
        this.devices = devices;
        this.changes = changes;
        this.relay = relay;
    }

    /**
     * A device that connected.
     *
     * @param fingerprint the first 32 hexadecimal digits of that of the certificate it connected with
     */
    public record Seen(String device, String fingerprint) {}

    /**
     * Takes note of devices that connected; returns when it is committed.
     *
     * @throws Transactions.Unavailable if the database is away; doing it again is harmless
     */
    public void seen(Collection<Seen> connected) {
        // Nearly all that connect have one certificate: they cost one question for all of them.
        Set<String> withTwo = transactions.call(connection -> devices.withSeveralCertificates(
                connection, connected.stream().map(Seen::device).toList()));
        for (Seen one : connected) {
            if (withTwo.contains(one.device())) {
                Instant now = clock.instant();
                transactions.call(connection ->
                        changes.apply(connection, one.device(), new DeviceCommand.Prove(one.fingerprint(), now), now));
                relay.wake();
            }
        }
    }
}
