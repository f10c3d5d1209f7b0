package io.mooring.bridge.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeviceRegistryTest {
    private static final Fingerprint AA = new Fingerprint(1, 2);
    private static final Fingerprint BB = new Fingerprint(3, 4);
    private static final DeviceEntry ACTIVE =
            new DeviceEntry("D1", "main", "acct1", "p", DeviceEntry.State.ACTIVE, Set.of(AA));
    private static final DeviceEntry BLOCKED =
            new DeviceEntry("D1", "main", "acct1", "p", DeviceEntry.State.BLOCKED, Set.of(AA));
    private static final long LONG = 60_000;

    private final DeviceRegistry registry = new DeviceRegistry(2);

    @BeforeEach
    void loaded() {
        registry.markLoaded();
    }

    @Test
    void admitsListedCertificateAtOnce() {
        registry.put(ACTIVE);

        assertThat(registry.admit("D1", AA, LONG)).isCompletedWithValue(new Admission.Admitted(ACTIVE));
    }

    @Test
    void waitsForDeviceItHasNotHeardOf() {
        CompletableFuture<Admission> answer = registry.admit("D1", AA, LONG);
        assertThat(answer).isNotDone();

        registry.put(ACTIVE);

        assertThat(answer).isCompletedWithValue(new Admission.Admitted(ACTIVE));
    }

    @Test
    void waitsForCertificateThatIsNotListedYetAndEndsWaitingWhenBlocked() {
        registry.put(ACTIVE);
        CompletableFuture<Admission> answer = registry.admit("D1", BB, LONG);
        assertThat(answer).isNotDone();

        registry.put(BLOCKED);

        assertThat(answer).isCompletedWithValue(new Admission.Refused(Admission.BLOCKED_DEVICE, false));
    }

    @Test
    void refusesWhenTimeIsUp() {
        assertThat(registry.admit("D1", AA, 20))
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

    @Test
    void countsNothingOfWhatIsReadAnewBeforeAllIsRead() {
        registry.put(BLOCKED);
        List<String> told = new ArrayList<>();
        registry.listen(new DeviceRegistry.Listener() {
            @Override
            public void changed(String device, Optional<DeviceEntry> entry) {
                told.add("changed");
            }

            @Override
            public void reloaded() {
                told.add("reloaded");
            }
        });
        registry.startOver();

        // An old word comes first.
        registry.put(ACTIVE);

        assertThat(registry.loaded()).isNotDone();
        assertThat(registry.find("D1")).contains(BLOCKED);
        registry.put(BLOCKED);
        registry.markLoaded();
        assertThat(registry.loaded()).isDone();
        assertThat(registry.find("D1")).contains(BLOCKED);
        assertThat(told).containsExactly("reloaded");
    }

    @Test
    void letsNobodyInBeyondItsLimitAndCountsThem() {
        registry.put(ACTIVE);
        registry.put(new DeviceEntry("D2", "main", "acct1", "p", DeviceEntry.State.ACTIVE, Set.of(AA)));
        registry.put(new DeviceEntry("D3", "main", "acct1", "p", DeviceEntry.State.ACTIVE, Set.of(AA)));

        assertThat(registry.size()).isEqualTo(2);
        assertThat(registry.beyond()).isEqualTo(1);
        assertThat(registry.decide("D3", AA)).isEqualTo(new Admission.Refused(Admission.REGISTRY_FULL, true));
        // Those it holds can still be changed.
        registry.put(BLOCKED);
        assertThat(registry.decide("D1", AA)).isEqualTo(new Admission.Refused(Admission.BLOCKED_DEVICE, false));
    }
}
