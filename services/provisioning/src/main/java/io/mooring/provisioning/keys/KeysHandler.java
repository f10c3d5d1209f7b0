package io.mooring.provisioning.keys;

import io.mooring.contracts.access.AccessKeys;
import io.mooring.contracts.access.MasterKey;
import io.mooring.provisioning.Caller;
import io.mooring.provisioning.ProvisioningConfig;
import io.mooring.provisioning.ProvisioningHandler;
import io.mooring.provisioning.core.Device;
import io.mooring.provisioning.core.Outcome;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/** Gives devices what they ask for with: keys, and URLs signed with them. */
@ApplicationScoped
public class KeysHandler {
    private final ProvisioningHandler devices;
    private final Optional<KeyIssuer> issuer;
    private final Clock clock = Clock.tickMillis(ZoneOffset.UTC);

    KeysHandler(ProvisioningHandler devices, ProvisioningConfig config, KeysConfig keys, KeysConfig.Access access) {
        this.devices = devices;
        List<MasterKey> former = access.formerMasterKeys().orElse(List.of()).stream()
                .map(MasterKey::of)
                .toList();
        this.issuer = access.masterKey()
                .map(MasterKey::of)
                .map(master -> new MooringKeys(new AccessKeys(master, former), config.region(), keys));
    }

    /** The device that shows a token, if it may have keys now. */
    public Outcome<Device.Provisioned> authenticate(Caller caller, String action, String token, Optional<String> id) {
        return devices.authenticateDevice(caller, action, token, id).then(device -> switch (device) {
            case Device.Provisioned provisioned -> Outcome.done(provisioned);
            case Device.Blocked blocked -> Outcome.refused("blocked", "Device is blocked");
            case Device.Claimed claimed -> Outcome.refused("not_provisioned", "ask for a certificate first");
            case Device.Registered registered -> Outcome.refused("not_claimed", "this device belongs to nobody");
            case Device.Released released -> Outcome.refused("not_claimed", "this device belongs to nobody");
            case Device.Deleted deleted -> Outcome.refused("not_claimed", "this device belongs to nobody");
        });
    }

    /** Keys for a device. */
    public Outcome<Credentials> issue(Device.Provisioned device) {
        Instant now = clock.instant();
        return offered().then(keys -> keys.issue(device, now));
    }

    /** A URL for one of the device's files. */
    public Outcome<URI> sign(Device.Provisioned device, SignedUrlRequest request) {
        Instant now = clock.instant();
        return offered().then(keys -> keys.sign(device, request, now));
    }

    private Outcome<KeyIssuer> offered() {
        return issuer.map(Outcome::done)
                .orElseGet(() -> Outcome.refused("not_offered", "this cloud does not give out access keys"));
    }
}
