package io.mooring.provisioning.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Decides what becomes of a device. A refusal changes nothing; doing again what is done already is no
 * refusal.
 */
public final class DeviceDecider {
    /** The longest a blocked device may be told to wait: a day, which is also the agent's limit. */
    public static final int MAX_DELAY_SECONDS = 86_400;

    private DeviceDecider() {}

    /**
     * Decides.
     *
     * @param known the device as it is, empty if it was never heard of
     */
    public static Outcome<Change> decide(Optional<Device> known, DeviceCommand command) {
        if (command instanceof DeviceCommand.Register register) {
            return register(known, register);
        }
        if (known.isEmpty()) {
            return Outcome.refused("unknown_device", "no device with this id has registered");
        }
        Device device = known.get();
        return switch (command) {
            case DeviceCommand.Register register -> register(known, register);
            case DeviceCommand.Claim claim -> claim(device, claim);
            case DeviceCommand.Provision provision -> provision(device, provision);
            case DeviceCommand.Release release -> release(device, release);
            case DeviceCommand.Block block -> block(device, block);
            case DeviceCommand.Unblock unblock -> unblock(device, unblock);
        };
    }

    /** Whether a device may be given a certificate now. Refused with {@code not_claimed} or {@code blocked}. */
    public static Outcome<Device.Owned> mayProvision(Device device) {
        return switch (device) {
            case Device.Claimed claimed -> Outcome.done(claimed);
            case Device.Provisioned provisioned -> Outcome.done(provisioned);
            case Device.Blocked blocked -> Outcome.refused("blocked", "this device is blocked");
            case Device.Registered registered -> notClaimed();
            case Device.Released released -> notClaimed();
        };
    }

    private static Outcome<Change> register(Optional<Device> known, DeviceCommand.Register command) {
        List<DeviceEvent> events = new ArrayList<>();
        Device device;
        if (known.isEmpty()) {
            device = new Device.Registered(command.identity(), command.now());
            events.add(new DeviceEvent.Registered(command.identity(), command.now()));
        } else {
            Identity before = known.get().identity();
            boolean otherProduct = !before.product().equals(command.identity().product());
            if (otherProduct && known.get() instanceof Device.Owned) {
                return Outcome.refused("other_product", "this device id belongs to a device of another product");
            }
            device = known.get()
                    .describedAs(new Identity(
                            before.id(),
                            command.identity().product(),
                            command.identity().description(),
                            before.registered()));
            if (device instanceof Device.Released released) {
                device = released.register(command.now());
                events.add(new DeviceEvent.Registered(device.identity(), command.now()));
            }
        }
        if (device instanceof Device.Registered registered
                && command.autoClaim().isPresent()) {
            Owner owner = command.autoClaim().get();
            device = registered.claim(owner, command.now());
            events.add(new DeviceEvent.Claimed(device.identity(), owner, command.now()));
        }
        if (device instanceof Device.Owned owned) {
            device = owned.withToken(command.tokenHash());
        }
        return change(known, device, events, List.of());
    }

    private static Outcome<Change> claim(Device device, DeviceCommand.Claim command) {
        return switch (device) {
            case Device.Registered registered ->
                change(
                        Optional.of(device),
                        registered.claim(command.owner(), command.now()),
                        List.of(new DeviceEvent.Claimed(device.identity(), command.owner(), command.now())),
                        List.of());
            case Device.Owned owned when owned.owner().equals(command.owner()) -> unchanged(owned);
            case Device.Owned owned ->
                Outcome.refused("claimed_by_another", "this device belongs to another owner; release it first");
            case Device.Released released ->
                Outcome.refused("released", "this device was released and has not registered again");
        };
    }

    private static Outcome<Change> provision(Device device, DeviceCommand.Provision command) {
        if (device instanceof Device.Owned owned && !owned.tokens().contains(command.tokenHash())) {
            return Outcome.refused("unauthorized", "the token is not good any more");
        }
        return mayProvision(device).then(owned -> {
            Device.Provisioned next = switch (owned) {
                case Device.Claimed claimed ->
                    claimed.provision(command.certificate(), command.tokenHash(), command.now());
                case Device.Provisioned provisioned ->
                    provisioned.provision(command.certificate(), command.tokenHash());
                case Device.Blocked blocked -> throw new IllegalStateException("refused above");
            };
            List<Revocation> superseded = owned.certificates().stream()
                    .filter(certificate -> !next.certificates().contains(certificate))
                    .map(certificate -> new Revocation(certificate.serial(), "superseded"))
                    .toList();
            DeviceEvent event =
                    new DeviceEvent.Provisioned(device.identity(), owned.owner(), command.certificate(), command.now());
            return change(Optional.of(device), next, List.of(event), superseded);
        });
    }

    private static Outcome<Change> release(Device device, DeviceCommand.Release command) {
        return switch (device) {
            case Device.Owned owned ->
                change(
                        Optional.of(device),
                        owned.release(command.now()),
                        List.of(new DeviceEvent.Released(device.identity(), owned.owner(), command.now())),
                        owned.certificates().stream()
                                .map(certificate -> new Revocation(certificate.serial(), "cessationOfOperation"))
                                .toList());
            case Device.Released released -> unchanged(released);
            case Device.Registered registered -> notClaimed();
        };
    }

    private static Outcome<Change> block(Device device, DeviceCommand.Block command) {
        if (command.delaySeconds() < 1 || command.delaySeconds() > MAX_DELAY_SECONDS) {
            return Outcome.refused("bad_delay", "delaySeconds must be 1 to " + MAX_DELAY_SECONDS);
        }
        return switch (device) {
            case Device.Claimed claimed ->
                change(Optional.of(device), claimed.block(command.delaySeconds(), command.now()));
            case Device.Provisioned provisioned ->
                change(Optional.of(device), provisioned.block(command.delaySeconds(), command.now()));
            case Device.Blocked blocked ->
                change(
                        Optional.of(device),
                        new Device.Blocked(
                                blocked.identity(),
                                blocked.owner(),
                                blocked.tokens(),
                                blocked.certificates(),
                                command.delaySeconds(),
                                blocked.since()));
            case Device.Registered registered -> notClaimed();
            case Device.Released released -> notClaimed();
        };
    }

    private static Outcome<Change> unblock(Device device, DeviceCommand.Unblock command) {
        return device instanceof Device.Blocked blocked
                ? change(Optional.of(device), blocked.unblock(command.now()))
                : unchanged(device);
    }

    private static <T> Outcome<T> notClaimed() {
        return Outcome.refused("not_claimed", "this device belongs to nobody");
    }

    private static Outcome<Change> unchanged(Device device) {
        return change(Optional.of(device), device);
    }

    private static Outcome<Change> change(Optional<Device> before, Device after) {
        return change(before, after, List.of(), List.of());
    }

    private static Outcome<Change> change(
            Optional<Device> before, Device after, List<DeviceEvent> events, List<Revocation> revocations) {
        Optional<RegistryEntry> entry = RegistryEntry.of(after);
        boolean told = before.flatMap(RegistryEntry::of).equals(entry);
        return Outcome.done(new Change(after, events, told ? Optional.empty() : entry, revocations));
    }
}
