package io.mooring.messaging.access;

import io.mooring.contracts.access.AccessGrant;
import io.mooring.contracts.access.AccessKey;
import io.mooring.contracts.access.AccessKeys;
import io.mooring.contracts.access.AccessRefusal;
import io.mooring.contracts.access.MasterKey;
import io.mooring.contracts.access.RequestDescription;
import io.mooring.contracts.access.RequestVerifier;
import io.mooring.contracts.access.RequestVerifier.Verdict;
import io.mooring.contracts.access.SignatureRules;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Verifies signatures of AWS IoT's data plane, and makes access keys for applications. */
@Singleton
public class Signatures {
    /** The names that clients sign for: the SDKs' and the CLI's, and the one in AWS' developer guide. */
    private static final List<String> SERVICES = List.of("iotdata", "iotdevicegateway");

    private final Optional<AccessKeys> keys;
    private final List<RequestVerifier> verifiers;
    private final String region;
    private final SecureRandom random = new SecureRandom();

    public Signatures(AccessConfig config) {
        this.region = config.region();
        this.keys = config.masterKey()
                .map(key -> new AccessKeys(
                        MasterKey.of(key),
                        config.formerMasterKeys().orElse(List.of()).stream()
                                .map(MasterKey::of)
                                .toList()));
        this.verifiers = keys.stream()
                .flatMap(known -> SERVICES.stream()
                        .map(service -> new RequestVerifier(known, SignatureRules.service(region, service))))
                .toList();
    }

    /** Whether this installation has access keys at all. */
    public boolean areOffered() {
        return keys.isPresent();
    }

    /** The region that clients sign for. */
    public String region() {
        return region;
    }

    /** Whose key a request was signed with. */
    public Verdict verify(RequestDescription request, Instant now) {
        Verdict first = verifiers.getFirst().verify(request, now);
        return isOfAnotherService(first) ? verifiers.getLast().verify(request, now) : first;
    }

    private static boolean isOfAnotherService(Verdict verdict) {
        return verdict instanceof Verdict.Refused refused
                && refused.refusal().reason() == AccessRefusal.Reason.WRONG_SCOPE;
    }

    /** A new key. */
    public AccessKey issue(AccessGrant grant) {
        byte[] chance = new byte[AccessKeys.RANDOM_BYTES];
        random.nextBytes(chance);
        return keys.orElseThrow(() -> new IllegalStateException("there is no master key"))
                .issue(grant, chance);
    }
}
