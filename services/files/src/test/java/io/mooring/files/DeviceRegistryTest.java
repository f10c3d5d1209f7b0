package io.mooring.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.files.DeviceRegistry.Standing;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DeviceRegistryTest {
    private static final Instant THEN = Instant.parse("2026-11-01T00:00:00Z");
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

    private final DeviceRegistry registry = new DeviceRegistry();

    @Test
    void knowsTheDeviceThatGotTheKey() {
        registry.put("ABCDEF1234", "main", "acme", Optional.of(THEN));

        assertThat(standing("main", "acme", THEN)).isEqualTo(Standing.SAME);
        assertThat(standing("main", "acme", THEN.minusMillis(1))).isEqualTo(Standing.REVOKED);
        assertThat(standing("main", "other", THEN)).isEqualTo(Standing.REVOKED);
        assertThat(standing("other", "acme", THEN)).isEqualTo(Standing.REVOKED);
    }

    @Test
    void forgetsOneThatIsNotActive() {
        registry.put("ABCDEF1234", "main", "acme", Optional.of(THEN));
        registry.remove("ABCDEF1234");
        registry.remove("ABCDEF1234");

        assertThat(standing("main", "acme", THEN)).isEqualTo(Standing.REVOKED);
        assertThat(registry.size()).isZero();
    }

    @Test
    void isSureOfOneThatWasReleasedAMomentAfterItsKey() {
        registry.put("ABCDEF1234", "main", "acme", Optional.of(NOW.minusSeconds(5)));
        registry.deactivate("ABCDEF1234", NOW.minusSeconds(1));

        assertThat(standing("main", "acme", NOW.minusSeconds(5))).isEqualTo(Standing.REVOKED);
        assertThat(standing("main", "acme", NOW)).isEqualTo(Standing.NOT_KNOWN_YET);
    }

    @Test
    void asksForPatienceWithOneThatHasJustBecomeActive() {
        assertThat(standing("main", "acme", NOW.minusSeconds(5))).isEqualTo(Standing.NOT_KNOWN_YET);
        registry.put("ABCDEF1234", "main", "acme", Optional.of(THEN));
        assertThat(standing("main", "acme", NOW.minusSeconds(5))).isEqualTo(Standing.NOT_KNOWN_YET);
        assertThat(standing("main", "acme", NOW.minusSeconds(60))).isEqualTo(Standing.REVOKED);
    }

    @Test
    void trustsAnEntryFromBeforeItSaidSinceWhen() {
        registry.put("ABCDEF1234", "main", "acme", Optional.empty());

        assertThat(standing("main", "acme", THEN)).isEqualTo(Standing.SAME);
    }

    @Test
    void agreesWithAMapThroughAnyHistory() {
        Random random = new Random(4);
        Map<String, Instant> model = new HashMap<>();
        for (int i = 0; i < 200_000; i++) {
            String device = ("000000000" + Integer.toString(random.nextInt(5_000), 36)).toUpperCase(Locale.ROOT);
            device = device.substring(device.length() - 10);
            if (random.nextInt(3) == 0) {
                registry.remove(device);
                model.remove(device);
            } else {
                Instant since = THEN.plusMillis(random.nextInt(1_000_000));
                registry.put(device, "main", "acme", Optional.of(since));
                model.put(device, since);
            }
        }

        assertThat(registry.size()).isEqualTo(model.size());
        model.forEach((device, since) -> assertThat(registry.standing(device, "main", "acme", since, NOW))
                .isEqualTo(Standing.SAME));
    }

    private Standing standing(String cloud, String account, Instant since) {
        return registry.standing("ABCDEF1234", cloud, account, since, NOW);
    }
}
