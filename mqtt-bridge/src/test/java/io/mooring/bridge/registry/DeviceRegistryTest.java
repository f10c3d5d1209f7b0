package io.mooring.bridge.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class DeviceRegistryTest {
    private static final DeviceEntry ACTIVE =
            new DeviceEntry("D1", "main", "acct1", DeviceEntry.State.ACTIVE, Set.of("aa"));
    private static final DeviceEntry BLOCKED =
            new DeviceEntry("D1", "main", "acct1", DeviceEntry.State.BLOCKED, Set.of("aa"));
    private static final long LONG = 60_000;

    private final DeviceRegistry registry = new DeviceRegistry();

    @Test
    void admitsListedCertificateAtOnce() {
        registry.put(ACTIVE);

        assertThat(registry.admit("D1", "aa", LONG)).isCompletedWithValue(new Admission.Admitted(ACTIVE));
    }

    @Test
    void waitsForDeviceItHasNotHeardOf() {
        CompletableFuture<Admission> answer = registry.admit("D1", "aa", LONG);
        assertThat(answer).isNotDone();

        registry.put(ACTIVE);

        assertThat(answer).isCompletedWithValue(new Admission.Admitted(ACTIVE));
    }

    @Test
    void waitsForCertificateThatIsNotListedYetAndEndsWaitingWhenBlocked() {
        registry.put(ACTIVE);
        CompletableFuture<Admission> answer = registry.admit("D1", "bb", LONG);
        assertThat(answer).isNotDone();

        registry.put(BLOCKED);

        assertThat(answer).isCompletedWithValue(new Admission.Refused(Admission.BLOCKED_DEVICE, false));
    }

    @Test
    void refusesWhenTimeIsUp() {
        assertThat(registry.admit("D1", "aa", 20))
                .succeedsWithin(Duration.ofSeconds(5))
                .isEqualTo(new Admission.Refused(Admission.UNKNOWN_DEVICE, true));
    }

    @Test
    void tellsItsListenerOfDeletion() {
        registry.put(ACTIVE);
        CompletableFuture<String> deleted = new CompletableFuture<>();
        registry.listen((device, entry) -> {
            if (entry.isEmpty()) {
                deleted.complete(device);
            }
        });

        registry.remove("D1");

        assertThat(deleted).isCompletedWithValue("D1");
        assertThat(registry.find("D1")).isEmpty();
    }
}
