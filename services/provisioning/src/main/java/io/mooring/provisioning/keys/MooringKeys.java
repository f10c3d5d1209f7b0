package io.mooring.provisioning.keys;

import io.mooring.contracts.access.AccessGrant;
import io.mooring.contracts.access.AccessKey;
import io.mooring.contracts.access.AccessKeys;
import io.mooring.contracts.access.SignatureRules;
import io.mooring.contracts.access.UploadParameters;
import io.mooring.contracts.access.UrlPresigner;
import io.mooring.provisioning.core.Device;
import io.mooring.provisioning.core.Outcome;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Keys of our own, for our own services. None is stored, so each answer is a new one: a device that asks every five
 * minutes holds a dozen that are good, all of them worth nothing at the moment its state changes.
 */
final class MooringKeys implements KeyIssuer {
    private final AccessKeys keys;
    private final String region;
    private final Duration life;
    private final Duration urlLife;
    private final Optional<URI> filesUrl;
    private final SecureRandom random = new SecureRandom();

    MooringKeys(AccessKeys keys, String region, KeysConfig config) {
        this.keys = keys;
        this.region = region;
        this.life = config.life();
        this.urlLife = config.urlLife();
        this.filesUrl = config.filesUrl().map(URI::create);
    }

    @Override
    public Outcome<Credentials> issue(Device.Provisioned device, Instant now) {
        AccessKey key = key(
                device,
                now,
                life,
                Set.of(AccessGrant.FILES, AccessGrant.SHADOWS, AccessGrant.LOGS, AccessGrant.METRICS));
        return Outcome.done(new Credentials(
                key.id(), key.secret(), key.sessionToken(), key.grant().expires(), region));
    }

    @Override
    public Outcome<URI> sign(Device.Provisioned device, SignedUrlRequest request, Instant now) {
        if (filesUrl.isEmpty()) {
            return Outcome.refused("not_offered", "this cloud keeps no files");
        }
        Map<String, String> parameters = new TreeMap<>();
        if (request.command() == SignedUrlRequest.Command.PUT) {
            request.size().ifPresent(size -> parameters.put(UploadParameters.SIZE, size.toString()));
            request.mimeType().ifPresent(type -> parameters.put(UploadParameters.TYPE, type));
        }
        // A key for this one URL, which ends with it.
        AccessKey key = key(device, now, urlLife, Set.of(AccessGrant.FILES));
        String path = "/" + device.owner().cloud() + "/" + device.identity().id() + "/" + request.filename();
        return Outcome.done(new UrlPresigner(SignatureRules.s3(region))
                .presign(key, request.command().name(), filesUrl.get(), path, parameters, now, urlLife));
    }

    private AccessKey key(Device.Provisioned device, Instant now, Duration goodFor, Set<String> scopes) {
        byte[] chance = new byte[AccessKeys.RANDOM_BYTES];
        random.nextBytes(chance);
        AccessGrant grant = new AccessGrant(
                device.identity().id(),
                device.owner().cloud(),
                device.owner().account(),
                scopes,
                device.since(),
                now,
                now.plus(goodFor));
        return keys.issue(grant, chance);
    }
}
