package io.mooring.provisioning.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceDeciderTest {
    private static final Instant EARLIER = Instant.parse("2026-11-23T11:00:00Z");
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final Owner ACME = new Owner("main", "acme");
    private static final Owner OTHER = new Owner("main", "other");
    private static final Identity ID = identity("Demo");
    private static final CertificateReference FIRST = certificate(1);
    private static final CertificateReference SECOND = certificate(2);
    private static final CertificateReference THIRD = certificate(3);

    private static final Device.Registered REGISTERED = new Device.Registered(ID, EARLIER);
    private static final Device.Claimed CLAIMED = new Device.Claimed(ID, ACME, List.of("t1"), EARLIER);
    private static final Device.Provisioned PROVISIONED =
            new Device.Provisioned(ID, ACME, List.of("t1"), List.of(FIRST), EARLIER);
    private static final Device.Blocked BLOCKED =
            new Device.Blocked(ID, ACME, List.of("t1"), List.of(FIRST), 60, EARLIER);
    private static final Device.Released RELEASED = new Device.Released(ID, ACME, EARLIER);

    @Test
    void remembersADeviceThatRegisters() {
        Change change = done(Optional.empty(), register(Optional.empty()));

        assertThat(change.device()).isEqualTo(new Device.Registered(ID, NOW));
        assertThat(change.events()).containsExactly(new DeviceEvent.Registered(ID, NOW));
        assertThat(change.registry()).isEmpty();
    }

    @Test
    void changesNothingWhenAnUnclaimedDeviceRegistersAgain() {
        Change change = done(Optional.of(REGISTERED), register(Optional.empty()));

        assertThat(change.device()).isEqualTo(REGISTERED);
        assertThat(change.events()).isEmpty();
    }

    @Test
    void claimsADeviceThatNamesAKnownOwner() {
        Change change = done(Optional.empty(), register(Optional.of(ACME)));

        assertThat(change.device()).isEqualTo(new Device.Claimed(ID, ACME, List.of("new"), NOW));
        assertThat(change.events())
                .containsExactly(new DeviceEvent.Registered(ID, NOW), new DeviceEvent.Claimed(ID, ACME, NOW));
        assertThat(change.registry())
                .contains(new RegistryEntry.Listed(ID.id(), ACME, ID.product(), "active", List.of(), NOW));
    }

    @ParameterizedTest
    @MethodSource
    void givesEveryOwnedDeviceOneMoreToken(Device.Owned device) {
        Change change = done(Optional.of(device), register(Optional.of(OTHER)));

        assertThat(((Device.Owned) change.device()).tokens()).containsExactly("new", "t1");
        assertThat(((Device.Owned) change.device()).owner()).isEqualTo(ACME);
        assertThat(((Device.Owned) change.device()).certificates()).isEqualTo(device.certificates());
        assertThat(change.events()).isEmpty();
        assertThat(change.registry()).isEmpty();
    }

    static Stream<Device> givesEveryOwnedDeviceOneMoreToken() {
        return Stream.of(CLAIMED, PROVISIONED, BLOCKED);
    }

    @Test
    void forgetsTheOldestTokens() {
        Device.Owned device = CLAIMED;
        for (int i = 2; i <= 6; i++) {
            device = device.withToken("t" + i);
        }

        assertThat(device.tokens()).containsExactly("t6", "t5", "t4", "t3");
    }

    @Test
    void keepsWhatADeviceSaysOfItselfUpToDate() {
        Identity renamed = identity("Renamed");

        Change change = done(
                Optional.of(REGISTERED),
                new DeviceCommand.Register(renamed, Optional.empty(), DeviceCommand.Secrecy.NONE, "new", NOW));

        assertThat(change.device().identity().description().name()).isEqualTo("Renamed");
        assertThat(change.device().identity().registered()).isEqualTo(ID.registered());
    }

    @Test
    void letsOnlyUnownedDevicesChangeTheirProduct() {
        Identity moved = new Identity(ID.id(), "OTHERPRODUCT", ID.description(), NOW, Optional.empty());
        DeviceCommand command =
                new DeviceCommand.Register(moved, Optional.empty(), DeviceCommand.Secrecy.NONE, "new", NOW);

        assertThat(done(Optional.of(REGISTERED), command).device().identity().product())
                .isEqualTo("OTHERPRODUCT");
        assertThat(done(Optional.of(RELEASED), command).device()).isInstanceOf(Device.Registered.class);
        Stream.of(CLAIMED, PROVISIONED, BLOCKED)
                .forEach(device ->
                        assertThat(refused(Optional.of(device), command)).isEqualTo("other_product"));
    }

    @Test
    void registersAReleasedDeviceAnew() {
        Change change = done(Optional.of(RELEASED), register(Optional.empty()));

        assertThat(change.device()).isEqualTo(new Device.Registered(ID, NOW));
        assertThat(change.events()).containsExactly(new DeviceEvent.Registered(ID, NOW));
    }

    @Test
    void claimsOnce() {
        DeviceCommand claim = new DeviceCommand.Claim(ACME, NOW);

        Change change = done(Optional.of(REGISTERED), claim);

        assertThat(change.device()).isEqualTo(new Device.Claimed(ID, ACME, List.of(), NOW));
        assertThat(change.events()).containsExactly(new DeviceEvent.Claimed(ID, ACME, NOW));
        assertThat(done(Optional.of(PROVISIONED), claim).device()).isEqualTo(PROVISIONED);
        assertThat(refused(Optional.of(PROVISIONED), new DeviceCommand.Claim(OTHER, NOW)))
                .isEqualTo("claimed_by_another");
        assertThat(refused(Optional.of(RELEASED), claim)).isEqualTo("released");
        assertThat(refused(Optional.empty(), claim)).isEqualTo("unknown_device");
    }

    @Test
    void provisionsAClaimedDevice() {
        Change change = done(
                Optional.of(CLAIMED), new DeviceCommand.Provision(SECOND, Optional.of("t1"), Optional.empty(), NOW));

        assertThat(change.device()).isEqualTo(new Device.Provisioned(ID, ACME, List.of("t1"), List.of(SECOND), NOW));
        assertThat(change.registry())
                .contains(new RegistryEntry.Listed(
                        ID.id(), ACME, ID.product(), "active", List.of(SECOND.fingerprint()), NOW));
        assertThat(change.revocations()).isEmpty();
    }

    @Test
    void keepsTwoCertificatesAndRevokesTheRest() {
        Change second = done(
                Optional.of(PROVISIONED),
                new DeviceCommand.Provision(SECOND, Optional.of("t1"), Optional.empty(), NOW));
        Change third = done(
                Optional.of(second.device()),
                new DeviceCommand.Provision(THIRD, Optional.of("t1"), Optional.empty(), NOW));

        assertThat(((Device.Owned) second.device()).certificates()).containsExactly(SECOND, FIRST);
        assertThat(second.revocations()).isEmpty();
        assertThat(((Device.Owned) third.device()).certificates()).containsExactly(THIRD, SECOND);
        assertThat(third.revocations()).containsExactly(new Revocation(FIRST.serial(), "superseded"));
    }

    @Test
    void letsGoOfTheCertificateBeforeOnceTheNewestWasUsed() {
        Device renewed = done(
                        Optional.of(PROVISIONED),
                        new DeviceCommand.Provision(SECOND, Optional.of("t1"), Optional.empty(), NOW))
                .device();

        Change stillOld = done(Optional.of(renewed), new DeviceCommand.Prove(FIRST.fingerprint(), NOW));
        Change proved = done(Optional.of(renewed), new DeviceCommand.Prove(SECOND.fingerprint(), NOW));
        Change again = done(Optional.of(proved.device()), new DeviceCommand.Prove(SECOND.fingerprint(), NOW));

        assertThat(stillOld.device()).isEqualTo(renewed);
        assertThat(stillOld.registry()).isEmpty();
        assertThat(((Device.Owned) proved.device()).certificates()).containsExactly(SECOND);
        assertThat(proved.revocations()).containsExactly(new Revocation(FIRST.serial(), "superseded"));
        assertThat(proved.registry()).isPresent();
        assertThat(proved.events()).isEmpty();
        assertThat(again.device()).isEqualTo(proved.device());
        assertThat(again.registry()).isEmpty();
    }

    @Test
    void leavesOnlyTheTokenThatWasUsed() {
        Device device = CLAIMED.withToken("t2").withToken("t3");

        Change change =
                done(Optional.of(device), new DeviceCommand.Provision(FIRST, Optional.of("t2"), Optional.empty(), NOW));

        assertThat(((Device.Owned) change.device()).tokens()).containsExactly("t2");
    }

    @ParameterizedTest
    @MethodSource
    void provisionsNobodyElse(Device device, String token, String code) {
        assertThat(refused(
                        Optional.of(device),
                        new DeviceCommand.Provision(SECOND, Optional.of(token), Optional.empty(), NOW)))
                .isEqualTo(code);
    }

    static Stream<Arguments> provisionsNobodyElse() {
        return Stream.of(
                Arguments.of(REGISTERED, "t1", "not_claimed"),
                Arguments.of(RELEASED, "t1", "not_claimed"),
                Arguments.of(BLOCKED, "t1", "blocked"),
                Arguments.of(CLAIMED, "t2", "unauthorized"),
                Arguments.of(PROVISIONED, "t2", "unauthorized"));
    }

    @Test
    void releasesWithEverythingTheDeviceHeld() {
        Change change = done(Optional.of(PROVISIONED), new DeviceCommand.Release(NOW));

        assertThat(change.device()).isEqualTo(new Device.Released(ID, ACME, NOW));
        assertThat(change.events()).containsExactly(new DeviceEvent.Released(ID, ACME, NOW));
        assertThat(change.revocations()).containsExactly(new Revocation(FIRST.serial(), "cessationOfOperation"));
        assertThat(change.registry())
                .contains(new RegistryEntry.Listed(ID.id(), ACME, ID.product(), "released", List.of(), NOW));
    }

    @Test
    void releasesOnce() {
        assertThat(done(Optional.of(RELEASED), new DeviceCommand.Release(NOW)).device())
                .isEqualTo(RELEASED);
        assertThat(refused(Optional.of(REGISTERED), new DeviceCommand.Release(NOW)))
                .isEqualTo("not_claimed");
    }

    @Test
    void blocksForAWhileAndLetsGoOn() {
        Change blocked = done(Optional.of(PROVISIONED), new DeviceCommand.Block(90, NOW));
        Change unblocked = done(Optional.of(blocked.device()), new DeviceCommand.Unblock(NOW));

        assertThat(blocked.registry())
                .contains(new RegistryEntry.Listed(
                        ID.id(), ACME, ID.product(), "blocked", List.of(FIRST.fingerprint()), NOW));
        assertThat(blocked.revocations()).isEmpty();
        assertThat(unblocked.registry())
                .contains(new RegistryEntry.Listed(
                        ID.id(), ACME, ID.product(), "active", List.of(FIRST.fingerprint()), NOW));
        assertThat(unblocked.device()).isEqualTo(new Device.Provisioned(ID, ACME, List.of("t1"), List.of(FIRST), NOW));
    }

    @Test
    void unblocksToClaimedWithoutACertificate() {
        Change blocked = done(Optional.of(CLAIMED), new DeviceCommand.Block(90, NOW));

        assertThat(done(Optional.of(blocked.device()), new DeviceCommand.Unblock(NOW))
                        .device())
                .isInstanceOf(Device.Claimed.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 86_401})
    void refusesDelaysOutOfRange(int seconds) {
        assertThat(refused(Optional.of(CLAIMED), new DeviceCommand.Block(seconds, NOW)))
                .isEqualTo("bad_delay");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "abcdefghij", "ABCDEF123", "ABCDEF12345", "ABCDEF123é", "ABCDEF-234"})
    void knowsAClaimId(String text) {
        assertThat(Identity.isClaimId(text)).isFalse();
        assertThat(Identity.isClaimId("ABCDEF1234")).isTrue();
    }

    private static DeviceCommand register(Optional<Owner> autoClaim) {
        return new DeviceCommand.Register(
                new Identity(ID.id(), ID.product(), ID.description(), NOW, Optional.empty()),
                autoClaim,
                DeviceCommand.Secrecy.NONE,
                "new",
                NOW);
    }

    private static Identity identity(String name) {
        return new Identity("ABCDEF1234", "PRODUCT", new Description(name, "", "", "{}"), NOW, Optional.empty());
    }

    private static CertificateReference certificate(int number) {
        return new CertificateReference("serial" + number, "fingerprint" + number, NOW.plusSeconds(number), "");
    }

    private static Change done(Optional<Device> device, DeviceCommand command) {
        Outcome<Change> outcome = DeviceDecider.decide(device, command);
        assertThat(outcome).isInstanceOf(Outcome.Done.class);
        return ((Outcome.Done<Change>) outcome).value();
    }

    private static String refused(Optional<? extends Device> device, DeviceCommand command) {
        return DeviceDecider.decide(device.map(Device.class::cast), command)
                        instanceof Outcome.Refused<Change>(Refusal refusal)
                ? refusal.code()
                : "";
    }
}
