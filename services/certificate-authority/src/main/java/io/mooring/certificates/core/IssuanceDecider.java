package io.mooring.certificates.core;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Decides whether a certificate is made, and what it says. */
public final class IssuanceDecider {
    /** Smallest RSA modulus taken, in bits (NIST SP 800-57: 112 bits of strength). */
    public static final int MIN_RSA_BITS = 2048;

    /** Largest RSA modulus taken, in bits: above it, checking a signature costs too much. */
    public static final int MAX_RSA_BITS = 4096;

    private static final Pattern DEVICE_ID = Pattern.compile("[A-Za-z0-9_.-]{1,64}");
    private static final Pattern CLOUD = Pattern.compile("[a-z][a-z0-9_]{0,40}");

    private final IssuanceRules rules;

    public IssuanceDecider(IssuanceRules rules) {
        this.rules = rules;
    }

    /** Whom a device certificate would be for; refused with {@code bad_cloud} or {@code bad_device}. */
    public static Outcome<Purpose.Device> device(String cloud, String id) {
        if (!isCloud(cloud)) {
            return Outcome.refused("bad_cloud", "a cloud's name is a lower-case letter and up to 40 of a-z 0-9 _");
        }
        if (!DEVICE_ID.matcher(id).matches()) {
            return Outcome.refused("bad_device", "a device id is 1 to 64 of A-Z a-z 0-9 _ . -");
        }
        return Outcome.done(new Purpose.Device(cloud, id));
    }

    /** Whom a server certificate would be for; refused with {@code bad_name}. */
    public static Outcome<Purpose.Server> server(List<String> names) {
        if (names.isEmpty() || names.size() > Purpose.MAX_NAMES) {
            return Outcome.refused("bad_name", "a server needs 1 to " + Purpose.MAX_NAMES + " names");
        }
        List<ServerName> read = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            Optional<ServerName> name = ServerName.parse(names.get(i));
            if (name.isEmpty()) {
                return Outcome.refused("bad_name", "name " + i + " is neither a host name nor an address");
            }
            if (!read.contains(name.get())) {
                read.add(name.get());
            }
        }
        return Outcome.done(new Purpose.Server(read));
    }

    /** Whether a text can be the name of a cloud. */
    public static boolean isCloud(String name) {
        return CLOUD.matcher(name).matches();
    }

    /**
     * Decides on a request whose proof of possession was found good.
     *
     * @param issuer how long the issuing authority is valid
     */
    public Outcome<CertificatePlan> onRequest(Purpose purpose, RequestFacts request, Validity issuer, Instant now) {
        if (purpose instanceof Purpose.Device(String cloud, String id)
                && !request.commonNames().equals(List.of(id))) {
            return Outcome.refused("wrong_subject", "the request's subject must have one common name, the device's id");
        }
        return keyRefusal(request.key())
                .<Outcome<CertificatePlan>>map(Outcome.Refused::new)
                .orElseGet(() -> plan(purpose, issuer, now, request.key() instanceof KeyFacts.Rsa));
    }

    /** Decides where the key was made here, on P-256. */
    public Outcome<CertificatePlan> onKeyMadeHere(Purpose purpose, Validity issuer, Instant now) {
        return plan(purpose, issuer, now, false);
    }

    private Outcome<CertificatePlan> plan(Purpose purpose, Validity issuer, Instant now, boolean rsa) {
        boolean server = purpose instanceof Purpose.Server;
        Duration lifetime = switch (purpose) {
            case Purpose.Device device -> rules.deviceLifetime();
            case Purpose.Server names -> rules.serverLifetime();
            case Purpose.Responder responder -> rules.responderLifetime();
        };
        return Validity.from(now, rules.backdate(), lifetime)
                .within(issuer, now)
                .map(validity -> Outcome.done(new CertificatePlan(purpose, validity, server && rsa)))
                .orElseGet(() -> Outcome.refused("authority_expired", "the issuing authority is not valid now"));
    }

    /** Why a key is not taken; empty if it is. */
    static Optional<Refusal> keyRefusal(KeyFacts key) {
        return switch (key) {
            case KeyFacts.EllipticCurve(String curve)
            when curve.equals("P-256") || curve.equals("P-384") -> Optional.empty();
            case KeyFacts.EllipticCurve(String curve) ->
                Optional.of(new Refusal("unsupported_key", "the curve must be P-256 or P-384"));
            case KeyFacts.Rsa(int bits, int exponentBits)
            when bits < MIN_RSA_BITS ->
                Optional.of(new Refusal("weak_key", "an RSA key must have " + MIN_RSA_BITS + " bits or more"));
            case KeyFacts.Rsa(int bits, int exponentBits)
            when bits > MAX_RSA_BITS ->
                Optional.of(new Refusal("unsupported_key", "an RSA key must have " + MAX_RSA_BITS + " bits or less"));
            // FIPS 186-5, section A.1.1: 2^16 < e < 2^256
            case KeyFacts.Rsa(int bits, int exponentBits)
            when exponentBits < 17 || exponentBits > 256 ->
                Optional.of(new Refusal("weak_key", "an RSA key's exponent must lie between 2^16 and 2^256"));
            case KeyFacts.Rsa(int bits, int exponentBits) -> Optional.empty();
            case KeyFacts.Other(String algorithm) ->
                Optional.of(new Refusal("unsupported_key", "the key must be P-256, P-384 or RSA"));
        };
    }
}
