package io.mooring.provisioning.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.provisioning.core.DeviceCommand.Secrecy;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecretDeciderTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final Owner ACME = new Owner("main", "acme");
    private static final SecretProof NONE = new SecretProof.Missing();
    private static final Device.Claimed CLAIMED = new Device.Claimed(
            identity(Optional.of(new DeviceSecret("h", Optional.of(NOW.minusSeconds(10))))), ACME, List.of(), NOW);

    @Test
    void remembersTheSecretThatComesFirst() {
        Device device = done(Optional.empty(), register(secrecy("h", NONE), Optional.empty()));

        assertThat(device.identity().secret()).contains(DeviceSecret.unproven("h"));
        assertThat(refused(Optional.of(device), register(secrecy("other", NONE), Optional.empty())))
                .isEqualTo("other_secret");
        assertThat(done(Optional.of(device), register(Secrecy.NONE, Optional.empty())))
                .isEqualTo(device);
    }

    @Test
    void asksForNoProofInTheRegistrationThatBringsTheSecret() {
        assertThat(done(Optional.empty(), register(secrecy("h", NONE), Optional.of(ACME))))
                .isInstanceOf(Device.Claimed.class);
    }

    @Test
    void takesNoSecretForADeviceThatIsSomebodysAlready() {
        Device without = new Device.Claimed(identity(Optional.empty()), ACME, List.of(), NOW);

        assertThat(done(Optional.of(without), register(secrecy("h", NONE), Optional.empty()))
                        .identity()
                        .secret())
                .isEmpty();
    }

    @Test
    void forgetsTheDevicesSecretWithItsReleaseButNotTheFactorys() {
        Device released = CLAIMED.release(NOW);

        assertThat(done(Optional.of(released), register(secrecy("another", NONE), Optional.empty()))
                        .identity()
                        .secret())
                .contains(DeviceSecret.unproven("another"));
        assertThat(refused(
                        Optional.of(released),
                        register(new Secrecy(Optional.of("another"), Optional.of("h"), NONE), Optional.empty())))
                .isEqualTo("other_secret");
    }

    @Test
    void asksForTheFactorysSecretFromTheFirstTokenOn() {
        Secrecy factory = new Secrecy(Optional.empty(), Optional.of("h"), NONE);

        assertThat(refused(Optional.empty(), register(factory, Optional.of(ACME))))
                .isEqualTo("proof_needed");
        assertThat(done(Optional.empty(), register(factory, Optional.empty()))).isInstanceOf(Device.Registered.class);
    }

    @ParameterizedTest
    @CsvSource({
        // seconds from now; the last proof taken was ten seconds ago
        "0, ''",
        "-9, ''",
        "-10, stale_proof",
        "-11, stale_proof",
        "-301, stale_proof",
        "300, ''",
        "301, stale_proof",
    })
    void takesAProofThatIsOfNowAndNew(int seconds, String code) {
        SecretProof proof = new SecretProof.Right(NOW.plusSeconds(seconds));
        DeviceCommand command = register(new Secrecy(Optional.empty(), Optional.empty(), proof), Optional.empty());

        assertThat(refused(Optional.of(CLAIMED), command)).isEqualTo(code);
        if (code.isEmpty()) {
            assertThat(refused(Optional.of(done(Optional.of(CLAIMED), command)), command))
                    .isEqualTo("stale_proof");
        }
    }

    @Test
    void keepsOfAProofsTimeNoMoreThanTheDatabaseDoes() {
        SecretProof proof = new SecretProof.Right(NOW.plusNanos(123_456_789));
        DeviceCommand command = register(new Secrecy(Optional.empty(), Optional.empty(), proof), Optional.empty());

        assertThat(done(Optional.of(CLAIMED), command)
                        .identity()
                        .secret()
                        .orElseThrow()
                        .proven())
                .contains(NOW.plusMillis(123));
    }

    @Test
    void refusesAWrongProofAndNone() {
        Secrecy wrong = new Secrecy(Optional.empty(), Optional.empty(), new SecretProof.Wrong());

        assertThat(refused(Optional.of(CLAIMED), register(wrong, Optional.empty())))
                .isEqualTo("wrong_proof");
        assertThat(refused(Optional.of(CLAIMED), register(Secrecy.NONE, Optional.empty())))
                .isEqualTo("proof_needed");
    }

    private static Secrecy secrecy(String brought, SecretProof proof) {
        return new Secrecy(Optional.of(brought), Optional.empty(), proof);
    }

    private static Identity identity(Optional<DeviceSecret> secret) {
        return new Identity("ABCDEF1234", "PRODUCT", Description.NONE, NOW, secret);
    }

    private static DeviceCommand register(Secrecy secrecy, Optional<Owner> owner) {
        return new DeviceCommand.Register(identity(Optional.empty()), owner, secrecy, "token", NOW);
    }

    private static Device done(Optional<Device> device, DeviceCommand command) {
        Outcome<Change> outcome = DeviceDecider.decide(device, command);
        assertThat(outcome).isInstanceOf(Outcome.Done.class);
        return ((Outcome.Done<Change>) outcome).value().device();
    }

    private static String refused(Optional<Device> device, DeviceCommand command) {
        return DeviceDecider.decide(device, command) instanceof Outcome.Refused<Change>(Refusal refusal)
                ? refusal.code()
                : "";
    }
}
