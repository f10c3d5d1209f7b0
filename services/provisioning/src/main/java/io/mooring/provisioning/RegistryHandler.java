package io.mooring.provisioning;

import io.mooring.provisioning.core.Device;
import io.mooring.provisioning.core.RegistryEntry;
import io.mooring.provisioning.db.DeviceStore;
import io.mooring.provisioning.db.Transactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;

/**
 * Says the whole registry again, for whoever may have missed some of it: messages are lost if the replication slot
 * is. Page by page, each in a transaction that keeps its devices as they are, so that what is said again never comes
 * after a newer word.
 */
@ApplicationScoped
public class RegistryHandler {
    private static final int PAGE = 500;

    private final Clock clock = Clock.tickMillis(ZoneOffset.UTC);
    private final Transactions transactions;
    private final DeviceStore devices;
    private final Journal journal;

    RegistryHandler(Transactions transactions, DeviceStore devices, Journal journal) {
        this.transactions = transactions;
        this.devices = devices;
        this.journal = journal;
    }

    /**
     * How much was said.
     *
     * @param devices devices there are
     * @param deleted devices there are no more
     */
    public record Restated(long devices, long deleted) {}

    /** Says it all; takes about a minute for a million devices. */
    public Restated restate(Caller caller) {
        Restated restated = new Restated(restateDevices(), restateDeleted());
        Map<String, String> answered = Map.of("devices", "" + restated.devices(), "deleted", "" + restated.deleted());
        return transactions.call(connection -> {
            journal.done(connection, caller, "RestateRegistry", Map.of(), answered, clock.instant());
            return restated;
        });
    }

    private long restateDevices() {
        long said = 0;
        String after = "";
        while (true) {
            String from = after;
            Instant now = clock.instant();
            List<Device> page = transactions.call(connection -> {
                List<Device> found = devices.listLocked(connection, from, PAGE);
                List<RegistryEntry> entries = found.stream()
                        .map(device -> RegistryEntry.of(device)
                                .orElseGet(() -> new RegistryEntry.Forgotten(
                                        device.identity().id())))
                        .toList();
                journal.write(connection, entries, now);
                return found;
            });
            if (page.isEmpty()) {
                return said;
            }
            said += page.size();
            after = page.getLast().identity().id();
        }
    }

    private long restateDeleted() {
        long said = 0;
        String after = "";
        while (true) {
            String from = after;
            Instant now = clock.instant();
            List<String> page = transactions.call(connection -> {
                List<String> found = devices.listDeleted(connection, from, PAGE);
                List<RegistryEntry> entries = found.stream()
                        .<RegistryEntry>map(RegistryEntry.Forgotten::new)
                        .toList();
                journal.write(connection, entries, now);
                return found;
            });
            if (page.isEmpty()) {
                return said;
            }
            said += page.size();
            after = page.getLast();
        }
    }
}
