package io.mooring.provisioning.keys;

import io.mooring.contracts.access.AccessKeys;
import io.mooring.contracts.access.MasterKey;
import io.mooring.provisioning.Caller;
import io.mooring.provisioning.ProvisioningConfig;
import io.mooring.provisioning.ProvisioningHandler;
import io.mooring.provisioning.Trail;
import io.mooring.provisioning.core.Device;
import io.mooring.provisioning.core.Outcome;
import io.mooring.provisioning.db.DeviceStore;
import io.mooring.provisioning.db.Transactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/** Gives devices what they ask for with: access keys, URLs signed with them, and tokens that say who they are. */
@ApplicationScoped
public class KeysHandler {
    private static final Duration SHORTEST_TOKEN = Duration.ofMinutes(5);
    private static final Duration LONGEST_TOKEN = Duration.ofHours(1);

    /** A key is published so long before it signs; those who verify may keep what they fetched as long. */
    private static final Duration LEAD = Duration.ofDays(1);

    private final ProvisioningHandler devices;
    private final DeviceStore store;
    private final Transactions transactions;
    private final Trail trail;
    private final List<String> audiences;

    /** Both empty without a master key. */
    private final Optional<TokenIssuer> tokens;

    private final Optional<KeyIssuer> keys;
    private final Clock clock = Clock.tickMillis(ZoneOffset.UTC);

    KeysHandler(
            ProvisioningHandler devices,
            DeviceStore store,
            Transactions transactions,
            Trail trail,
            ProvisioningConfig provisioning,
            KeysConfig config,
            KeysConfig.Access access) {
        this.devices = devices;
        this.store = store;
        this.transactions = transactions;
        this.trail = trail;
        this.audiences = config.tokens().audiences();
        List<MasterKey> former = access.formerMasterKeys().orElse(List.of()).stream()
                .map(MasterKey::of)
                .toList();
        Optional<MasterKey> master = access.masterKey().map(MasterKey::of);
        this.tokens = master.map(key -> tokens(provisioning, config, new SigningKeyVault(key, former)));
        this.keys = switch (config.way()) {
            case MOORING ->
                master.map(key -> new MooringKeys(new AccessKeys(key, former), provisioning.region(), config));
            case AWS_ROLE -> Optional.of(new AwsKeys(config, Optional.empty()));
            case AWS_WEB_IDENTITY -> {
                if (tokens.isEmpty()) {
                    throw new IllegalStateException("mooring.access.master-key is missing: tokens for AWS need it");
                }
                yield Optional.of(new AwsKeys(config, tokens));
            }
        };
    }

    private TokenIssuer tokens(ProvisioningConfig provisioning, KeysConfig config, SigningKeyVault vault) {
        Duration life = config.tokens().life();
        if (life.compareTo(SHORTEST_TOKEN) < 0 || life.compareTo(LONGEST_TOKEN) > 0) {
            throw new IllegalStateException("mooring.provisioning.keys.tokens.life must be 5 to 60 minutes");
        }
        Duration rotation = config.tokens().rotation();
        Duration lead = LEAD.compareTo(rotation.dividedBy(2)) < 0 ? LEAD : rotation.dividedBy(2);
        KeySchedule schedule = new KeySchedule(rotation, lead, life);
        return new TokenIssuer(
                new SigningKeys(
                        transactions,
                        new SigningKeyStore(vault),
                        schedule,
                        config.tokens().algorithm()),
                config.tokens().issuer().orElse(provisioning.publicUrl()),
                life);
    }

    /** The device that shows a device token. */
    public Outcome<Device.Provisioned> byDeviceToken(Caller caller, String action, String token, Optional<String> id) {
        return devices.authenticateDevice(caller, action, token, id).then(KeysHandler::mayHaveKeys);
    }

    /** The device that shows a device token, or a token that we issued for our own HTTP API. */
    public Outcome<Device.Provisioned> byAnyToken(Caller caller, String action, String token, Optional<String> id) {
        if (token.indexOf('.') < 0 || tokens.isEmpty()) {
            return byDeviceToken(caller, action, token, id);
        }
        Outcome<Device.Provisioned> device = tokens.get()
                .read(token, audiences.getFirst(), clock.instant())
                .then(shown -> transactions
                        .call(connection -> store.find(connection, shown.device()))
                        .map(KeysHandler::mayHaveKeys)
                        .orElseGet(KeysHandler::unauthorized)
                        .then(known -> shown.isOf(known) ? Outcome.done(known) : unauthorized()))
                .then(known -> id.isEmpty() || id.get().equals(known.identity().id())
                        ? Outcome.done(known)
                        : Outcome.refused("unknown_device", "Cannot find device"));
        return trail.audited(caller, action, Map.of("device", id.orElse("")), device);
    }

    private static <T> Outcome<T> unauthorized() {
        return Outcome.refused("unauthorized", "Authentication failed");
    }

    private static Outcome<Device.Provisioned> mayHaveKeys(Device device) {
        return switch (device) {
            case Device.Provisioned provisioned -> Outcome.done(provisioned);
            case Device.Blocked blocked -> Outcome.refused("blocked", "Device is blocked");
            case Device.Claimed claimed -> Outcome.refused("not_provisioned", "ask for a certificate first");
            case Device.Registered registered -> Outcome.refused("not_claimed", "this device belongs to nobody");
            case Device.Released released -> Outcome.refused("not_claimed", "this device belongs to nobody");
            case Device.Deleted deleted -> Outcome.refused("not_claimed", "this device belongs to nobody");
        };
    }

    /** Keys for a device; the audit trail hears of them first. */
    public Outcome<Credentials> issue(Caller caller, Device.Provisioned device) {
        Instant now = clock.instant();
        return offered(keys).then(issuer -> issuer.issue(device, now)).then(given -> {
            tell(
                    caller,
                    device,
                    "GetAccessKeys",
                    Map.of(),
                    Map.of(
                            "accessKeyId",
                            given.keyId(),
                            "expires",
                            given.expires().toString()));
            return Outcome.done(given);
        });
    }

    /** A URL for one of the device's files. */
    public Outcome<URI> sign(Caller caller, Device.Provisioned device, SignedUrlRequest request) {
        Instant now = clock.instant();
        return offered(keys).then(issuer -> issuer.sign(device, request, now)).then(url -> {
            tell(
                    caller,
                    device,
                    "GetSignedUrl",
                    Map.of("command", request.command().name(), "filename", request.filename()),
                    Map.of());
            return Outcome.done(url);
        });
    }

    /** A token for a device; refused with {@code bad_audience} if it is for somebody it may not be for. */
    public Outcome<IssuedToken> token(Caller caller, Device.Provisioned device, Optional<String> audience) {
        Instant now = clock.instant();
        String wanted = audience.orElse(audiences.getFirst());
        if (!audiences.contains(wanted)) {
            return Outcome.refused("bad_audience", "tokens are not issued for this audience");
        }
        return offered(tokens).then(issuer -> {
            String id = UUID.randomUUID().toString();
            IssuedToken token = issuer.issue(device, wanted, false, id, now);
            tell(
                    caller,
                    device,
                    "GetToken",
                    Map.of("audience", wanted),
                    Map.of("tokenId", id, "expires", token.expires().toString()));
            return Outcome.done(token);
        });
    }

    private void tell(
            Caller caller,
            Device.Provisioned device,
            String action,
            Map<String, String> asked,
            Map<String, String> response) {
        String id = device.identity().id();
        Map<String, String> parameters = new TreeMap<>(asked);
        parameters.put("device", id);
        parameters.put("cloud", device.owner().cloud());
        trail.done(caller.as("Device", id), action, parameters, response);
    }

    /** By which name tokens name us. */
    public Outcome<String> issuer() {
        return offered(tokens).then(issuer -> Outcome.done(issuer.issuer()));
    }

    /** The keys by which tokens are verified. */
    public Outcome<String> keySet() {
        return offered(tokens).then(issuer -> Outcome.done(issuer.keySet(clock.instant())));
    }

    private static <T> Outcome<T> offered(Optional<T> issuer) {
        return issuer.map(Outcome::done)
                .orElseGet(() -> Outcome.refused("not_offered", "this cloud does not give out access keys"));
    }
}
