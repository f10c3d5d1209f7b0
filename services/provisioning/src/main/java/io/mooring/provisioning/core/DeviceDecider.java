package io.mooring.provisioning.core;

import java.time.Instant;
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
            return unknown();
        }
        Device device = known.get();
        return switch (command) {
            case DeviceCommand.Register register -> register(known, register);
            case DeviceCommand.Claim claim -> claim(device, claim);
            case DeviceCommand.Provision provision -> provision(device, provision);
            case DeviceCommand.Prove prove -> prove(device, prove);
            case DeviceCommand.Transfer transfer -> transfer(device, transfer);
            case DeviceCommand.Release release -> release(device, release);
            case DeviceCommand.Block block -> block(device, block);
            case DeviceCommand.Unblock unblock -> unblock(device, unblock);
            case DeviceCommand.Delete delete -> delete(device, delete);
        };
    }

    private static Outcome<Change> register(Optional<Device> known, DeviceCommand.Register command) {
        boolean owned = known.isPresent() && known.get() instanceof Device.Owned;
        if (owned && !known.get().identity().product().equals(command.identity().product())) {
            return Outcome.refused("other_product", "this device id belongs to a device of another product");
        }
        Optional<DeviceSecret> standing = known.filter(device -> !(device instanceof Device.Released))
                .flatMap(device -> device.identity().secret());
        boolean getsToken = owned || command.autoClaim().isPresent();
        return SecretDecider.choose(standing, !owned, command.secrecy())
                .then(secret -> {
                    boolean toProve = getsToken
                            && (standing.isPresent()
                                    || command.secrecy().factoryHash().isPresent());
                    return secret.isPresent() && toProve
                            ? SecretDecider.prove(
                                            secret.get(), command.secrecy().proof(), command.now())
                                    .then(proven -> Outcome.done(Optional.of(proven)))
                            : Outcome.done(secret);
                })
                .then(secret -> registered(known, command, secret));
    }

    private static Outcome<Change> registered(
            Optional<Device> known, DeviceCommand.Register command, Optional<DeviceSecret> secret) {
        Identity said = command.identity();
        Instant first = known.map(device -> device.identity().registered()).orElse(said.registered());
        Identity identity = new Identity(said.id(), said.product(), said.description(), first, secret);
        List<DeviceEvent> events = new ArrayList<>();
        Device device = known.map(before -> before.describedAs(identity))
                .orElse(new Device.Registered(identity, command.now()));
        if (device instanceof Device.Released released) {
            device = released.register(command.now());
        }
        if (known.isEmpty() || known.get() instanceof Device.Released) {
            events.add(new DeviceEvent.Registered(identity, command.now()));
        }
        if (device instanceof Device.Registered registered
                && command.autoClaim().isPresent()) {
            Owner owner = command.autoClaim().get();
            device = registered.claim(owner, command.now());
            events.add(new DeviceEvent.Claimed(identity, owner, command.now()));
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
            case Device.Deleted deleted -> unknown();
        };
    }

    private static Outcome<Change> provision(Device device, DeviceCommand.Provision command) {
        boolean tokenGone = device instanceof Device.Owned owned
                && command.tokenHash().isPresent()
                && !owned.tokens().contains(command.tokenHash().get());
        boolean certificateGone = device instanceof Device.Owned owned
                && command.provenWith().isPresent()
                && owned.certificates().stream()
                        .noneMatch(known ->
                                known.fingerprint().equals(command.provenWith().get()));
        if (tokenGone || certificateGone) {
            return Outcome.refused("unauthorized", "what the device showed is not good any more");
        }
        return switch (device) {
            case Device.Claimed claimed
            when command.tokenHash().isPresent() ->
                provisioned(
                        claimed,
                        claimed.provision(
                                command.certificate(), command.tokenHash().get(), command.now()),
                        command);
            case Device.Claimed claimed ->
                Outcome.refused("unauthorized", "a device's first certificate needs its token");
            case Device.Provisioned provisioned ->
                provisioned(
                        provisioned,
                        provisioned.provision(command.certificate(), command.tokenHash(), command.provenWith()),
                        command);
            case Device.Blocked blocked -> Outcome.refused("blocked", "this device is blocked");
            case Device.Registered registered -> notClaimed();
            case Device.Released released -> notClaimed();
            case Device.Deleted deleted -> unknown();
        };
    }

    private static Outcome<Change> provisioned(
            Device.Owned before, Device.Provisioned next, DeviceCommand.Provision command) {
        DeviceEvent event =
                new DeviceEvent.Provisioned(before.identity(), before.owner(), command.certificate(), command.now());
        return change(Optional.of(before), next, List.of(event), superseded(before, next));
    }

    private static Outcome<Change> prove(Device device, DeviceCommand.Prove command) {
        if (device instanceof Device.Provisioned provisioned) {
            Device.Provisioned next = provisioned.proved(command.fingerprint());
            return change(Optional.of(device), next, List.of(), superseded(provisioned, next));
        }
        return unchanged(device);
    }

    private static List<Revocation> superseded(Device.Owned before, Device.Provisioned next) {
        return before.certificates().stream()
                .filter(certificate -> !next.certificates().contains(certificate))
                .map(certificate -> new Revocation(certificate.serial(), "superseded"))
                .toList();
    }

    private static Outcome<Change> transfer(Device device, DeviceCommand.Transfer command) {
        return switch (device) {
            case Device.Owned owned when owned.owner().equals(command.to()) -> unchanged(owned);
            case Device.Owned owned ->
                change(
                        Optional.of(device),
                        owned.transfer(command.to(), command.now()),
                        List.of(new DeviceEvent.Transferred(
                                device.identity(), owned.owner(), command.to(), command.now())),
                        revoked(device, "affiliationChanged"));
            case Device.Registered registered -> notClaimed();
            case Device.Released released -> notClaimed();
            case Device.Deleted deleted -> unknown();
        };
    }

    private static Outcome<Change> release(Device device, DeviceCommand.Release command) {
        return switch (device) {
            case Device.Owned owned ->
                change(
                        Optional.of(device),
                        owned.release(command.now()),
                        List.of(new DeviceEvent.Released(device.identity(), owned.owner(), command.now())),
                        revoked(device, "cessationOfOperation"));
            case Device.Released released -> unchanged(released);
            case Device.Registered registered -> notClaimed();
            case Device.Deleted deleted -> unknown();
        };
    }

    private static Outcome<Change> delete(Device device, DeviceCommand.Delete command) {
        Optional<Owner> owner = device.ownerIfAny();
        return change(
                Optional.of(device),
                device.delete(command.now()),
                List.of(new DeviceEvent.Deleted(device.identity(), owner, command.now())),
                revoked(device, "cessationOfOperation"));
    }

    private static Outcome<Change> block(Device device, DeviceCommand.Block command) {
        int delay = command.delaySeconds();
        if (delay < 1 || delay > MAX_DELAY_SECONDS) {
            return Outcome.refused("bad_delay", "delaySeconds must be 1 to " + MAX_DELAY_SECONDS);
        }
        return switch (device) {
            case Device.Claimed claimed -> blocked(claimed, claimed.block(delay, command.now()), command);
            case Device.Provisioned provisioned ->
                blocked(provisioned, provisioned.block(delay, command.now()), command);
            case Device.Blocked blocked when blocked.delaySeconds() == delay -> unchanged(blocked);
            case Device.Blocked blocked -> blocked(blocked, blocked.waiting(delay), command);
            case Device.Registered registered -> notClaimed();
            case Device.Released released -> notClaimed();
            case Device.Deleted deleted -> unknown();
        };
    }

    private static Outcome<Change> blocked(Device.Owned before, Device.Blocked after, DeviceCommand.Block command) {
        DeviceEvent event =
                new DeviceEvent.Blocked(before.identity(), before.owner(), after.delaySeconds(), command.now());
        return change(Optional.of(before), after, List.of(event), List.of());
    }

    private static Outcome<Change> unblock(Device device, DeviceCommand.Unblock command) {
        return device instanceof Device.Blocked blocked
                ? change(
                        Optional.of(device),
                        blocked.unblock(command.now()),
                        List.of(new DeviceEvent.Unblocked(blocked.identity(), blocked.owner(), command.now())),
                        List.of())
                : unchanged(device);
    }

    private static List<Revocation> revoked(Device device, String reason) {
        return device instanceof Device.Owned owned
                ? owned.certificates().stream()
                        .map(certificate -> new Revocation(certificate.serial(), reason))
                        .toList()
                : List.of();
    }

    private static <T> Outcome<T> unknown() {
        return Outcome.refused("unknown_device", "no device with this id has registered");
    }

    private static <T> Outcome<T> notClaimed() {
        return Outcome.refused("not_claimed", "this device belongs to nobody");
    }

    private static Outcome<Change> unchanged(Device device) {
        return change(Optional.of(device), device, List.of(), List.of());
    }

    private static Outcome<Change> change(
            Optional<Device> before, Device after, List<DeviceEvent> events, List<Revocation> revocations) {
        Optional<RegistryEntry> entry = RegistryEntry.of(after);
        boolean told = before.flatMap(RegistryEntry::of).equals(entry);
        return Outcome.done(new Change(after, events, told ? Optional.empty() : entry, revocations));
    }
}
