package io.mooring.provisioning.core;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;

/** Decides whether a device may be given a certificate, first or next. */
public final class EnrolmentDecider {
    private EnrolmentDecider() {}

    /** How a device shows who it is. */
    public sealed interface Credential {
        /** By a token, looked up by its hash. */
        record Token(String hash) implements Credential {}

        /** By a certificate, looked up by its fingerprint, whose key the TLS handshake showed it to have. */
        record Certificate(String fingerprint) implements Credential {}
    }

    /**
     * What a device asks a certificate with.
     *
     * @param csr its certification request (PKCS#10, PEM); empty if the key is to be made in the cloud
     * @param renewal its proof by the key of a certificate it has, if it sent one
     */
    public record Request(Credential shown, Optional<String> csr, Optional<Renewal> renewal) {}

    /**
     * Who may be given a certificate.
     *
     * @param provenWith the fingerprint of the certificate whose key it was seen to have
     */
    public record Permit(Device.Owned device, Optional<String> provenWith) {}

    /**
     * Decides. A device whose certificates have all expired must prove that it is still the same, by the key
     * of one of them; when the grace is over, only an operator can let it in again. A device that has its keys
     * made in the cloud is spared that, for it cannot do it.
     *
     * @param grace how long after the end of its newest certificate
     */
    public static Outcome<Permit> decide(
            Device device, Product.Rules rules, Request request, Duration grace, Instant now) {
        return owned(device).then(owned -> {
            if (request.csr().isEmpty()) {
                return rules.cloudMadeKeys() && request.shown() instanceof Credential.Token
                        ? Outcome.done(new Permit(owned, Optional.empty()))
                        : Outcome.refused("csr_needed", "this product's devices make their own keys: send a csr");
            }
            Optional<Instant> end = owned.certificates().stream()
                    .map(CertificateReference::expires)
                    .max(Comparator.naturalOrder());
            if (end.isPresent() && now.isAfter(end.get().plus(grace))) {
                return Outcome.refused(
                        "grace_over",
                        "this device's certificate expired too long ago: an operator must release and claim it anew");
            }
            boolean expired = end.isPresent() && !now.isBefore(end.get());
            return proven(owned, request, expired).then(by -> Outcome.done(new Permit(owned, by)));
        });
    }

    private static Outcome<Optional<String>> proven(Device.Owned device, Request request, boolean expired) {
        if (request.renewal().isPresent()) {
            return request.renewal()
                    .get()
                    .prove(device)
                    .then(certificate -> Outcome.done(Optional.of(certificate.fingerprint())));
        }
        return switch (request.shown()) {
            case Credential.Certificate(String fingerprint) -> Outcome.done(Optional.of(fingerprint));
            case Credential.Token token
            when expired ->
                Outcome.refused(
                        "renewal_needed", "this device's certificate has expired: prove the new request by its key");
            case Credential.Token token -> Outcome.done(Optional.empty());
        };
    }

    private static Outcome<Device.Owned> owned(Device device) {
        return switch (device) {
            case Device.Claimed claimed -> Outcome.done(claimed);
            case Device.Provisioned provisioned -> Outcome.done(provisioned);
            case Device.Blocked blocked -> Outcome.refused("blocked", "this device is blocked");
            case Device.Registered registered -> notClaimed();
            case Device.Released released -> notClaimed();
            case Device.Deleted deleted -> notClaimed();
        };
    }

    private static Outcome<Device.Owned> notClaimed() {
        return Outcome.refused("not_claimed", "this device belongs to nobody");
    }
}
