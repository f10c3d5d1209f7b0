package io.mooring.provisioning.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever happens to a device, in whatever order. */
class DeviceLifePropertyTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

    @Property(tries = 2000)
    void neverLeavesACertificateThatNobodyKnows(@ForAll("lives") List<DeviceCommand> life) {
        Optional<Device> device = Optional.empty();
        Optional<RegistryEntry> told = Optional.empty();
        Set<String> given = new HashSet<>();
        Set<String> revoked = new HashSet<>();
        for (DeviceCommand command : life) {
            if (!(DeviceDecider.decide(device, command) instanceof Outcome.Done<Change>(Change change))) {
                continue;
            }
            if (command instanceof DeviceCommand.Provision provision) {
                given.add(provision.certificate().serial());
            }
            change.revocations()
                    .forEach(revocation ->
                            assertThat(revoked.add(revocation.serial())).isTrue());
            if (change.registry().isPresent()) {
                told = change.registry();
            }
            if (change.device() instanceof Device.Deleted) {
                assertThat(change.registry()).contains(new RegistryEntry.Forgotten("ABCDEF1234"));
                assertThat(revoked).isEqualTo(given);
                device = Optional.empty();
                continue;
            }
            device = Optional.of(change.device());

            Set<String> good = new HashSet<>();
            if (device.get() instanceof Device.Owned owned) {
                owned.certificates().forEach(certificate -> good.add(certificate.serial()));
                assertThat(owned.tokens()).doesNotHaveDuplicates().hasSizeLessThanOrEqualTo(Device.Owned.MAX_TOKENS);
            }
            Set<String> accounted = new HashSet<>(good);
            accounted.addAll(revoked);
            assertThat(accounted).isEqualTo(given);
            assertThat(Collections.disjoint(good, revoked)).isTrue();
            assertBrokersKnow(told, device.get());
        }
    }

    /** The registry is the last word: what the brokers were told is what holds now. */
    private static void assertBrokersKnow(Optional<RegistryEntry> told, Device device) {
        if (device instanceof Device.Registered) {
            // Never owned, or released before: either way it may not connect.
            told.ifPresent(entry -> {
                if (entry instanceof RegistryEntry.Listed listed) {
                    assertThat(listed.state()).isEqualTo("released");
                    assertThat(listed.certificates()).isEmpty();
                }
            });
        } else {
            assertThat(told).isEqualTo(RegistryEntry.of(device));
        }
    }

    @Provide
    Arbitrary<List<DeviceCommand>> lives() {
        return Arbitraries.integers().between(0, 15).list().ofMaxSize(40).map(steps -> {
            List<DeviceCommand> life = new ArrayList<>();
            for (int i = 0; i < steps.size(); i++) {
                life.add(command(steps.get(i), i));
            }
            return life;
        });
    }

    private static DeviceCommand command(int kind, int number) {
        return switch (kind) {
            case 0, 1 -> register("PRODUCT", Optional.empty(), number);
            case 2, 3 -> register("PRODUCT", Optional.of(new Owner("main", "acme")), number);
            case 4 -> register("OTHER", Optional.of(new Owner("main", "other")), number);
            case 5 -> new DeviceCommand.Claim(new Owner("main", "acme"), NOW);
            case 6 -> new DeviceCommand.Claim(new Owner("main", "other"), NOW);
            case 7, 8, 9 ->
                new DeviceCommand.Provision(
                        new CertificateReference("s" + number, "f" + number, NOW, ""),
                        Optional.of("t" + (number % 3)),
                        Optional.empty(),
                        NOW);
            case 10 -> new DeviceCommand.Block(60, NOW);
            case 11 -> new DeviceCommand.Transfer(new Owner("second", "acme"), NOW);
            case 12 -> new DeviceCommand.Delete(NOW);
            case 13, 14 -> new DeviceCommand.Prove("f" + (number - 1), NOW);
            default -> number % 2 == 0 ? new DeviceCommand.Release(NOW) : new DeviceCommand.Unblock(NOW);
        };
    }

    private static DeviceCommand register(String product, Optional<Owner> owner, int number) {
        Identity identity = new Identity("ABCDEF1234", product, Description.NONE, NOW, Optional.empty());
        return new DeviceCommand.Register(identity, owner, DeviceCommand.Secrecy.NONE, "t" + (number % 3), NOW);
    }
}
