package io.mooring.provisioning.core;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Decides whether a device that registers holds the secret it should. */
final class SecretDecider {
    /** How far the time of a proof may lie from ours, either way. */
    static final Duration MAX_AGE = Duration.ofMinutes(5);

    private SecretDecider() {}

    /**
     * Which secret a registration stands under: the factory's, else the one known, else the one it brings.
     * Refused with {@code other_secret} if it brings another than is known.
     *
     * @param known of a device that is registered or owned
     * @param mayBring whether the device is nobody's, so that who registers first says which secret it is
     */
    static Outcome<Optional<DeviceSecret>> choose(
            Optional<DeviceSecret> known, boolean mayBring, DeviceCommand.Secrecy shown) {
        Optional<String> factory = shown.factoryHash();
        Optional<DeviceSecret> standing =
                factory.isPresent() && !known.map(DeviceSecret::hash).equals(factory)
                        ? factory.map(DeviceSecret::unproven)
                        : known;
        if (standing.isPresent()) {
            boolean other = shown.broughtHash()
                    .filter(hash -> !hash.equals(standing.get().hash()))
                    .isPresent();
            return other
                    ? Outcome.refused("other_secret", "this device id is known with another secret")
                    : Outcome.done(standing);
        }
        return Outcome.done(mayBring ? shown.broughtHash().map(DeviceSecret::unproven) : Optional.empty());
    }

    /**
     * Whether the secret was proven. Refused with {@code proof_needed}, {@code wrong_proof} or, if the
     * proof's time is off or was seen before, {@code stale_proof}.
     */
    static Outcome<DeviceSecret> prove(DeviceSecret secret, SecretProof proof, Instant now) {
        return switch (proof) {
            case SecretProof.Missing missing ->
                Outcome.refused("proof_needed", "this device must prove that it holds its secret");
            case SecretProof.Wrong wrong -> Outcome.refused("wrong_proof", "the proof is not of this device's secret");
            case SecretProof.Right(Instant exact) -> {
                // What is stored is no finer: a replay must not look newer than what was kept of it.
                Instant time = exact.truncatedTo(ChronoUnit.MILLIS);
                boolean off = Duration.between(time, now).abs().compareTo(MAX_AGE) > 0;
                boolean replayed =
                        secret.proven().filter(last -> !time.isAfter(last)).isPresent();
                yield off || replayed
                        ? Outcome.refused("stale_proof", "the proof's time is not now, or was used before")
                        : Outcome.done(secret.provenAt(time));
            }
        };
    }
}
