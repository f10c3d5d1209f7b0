package io.mooring.certificates;

import io.mooring.certificates.core.AuthorityRules;
import io.mooring.certificates.core.CrlRules;
import io.mooring.certificates.core.IssuanceDecider;
import io.mooring.certificates.core.IssuanceRules;
import io.mooring.certificates.core.KeyAlgorithm;
import io.mooring.certificates.x509.CertificateProfile;
import io.mooring.certificates.x509.KeyVault;
import io.mooring.certificates.x509.Pointers;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.ZoneOffset;

/** Makes from the configuration what knows nothing of configurations. What is wrong in it stops the start. */
final class Assembly {
    @Produces
    @Singleton
    Clock clock() {
        return Clock.tickMillis(ZoneOffset.UTC);
    }

    @Produces
    @Singleton
    SecureRandom random() {
        return new SecureRandom();
    }

    @Produces
    @Singleton
    Pointers pointers(CertificatesConfig config) {
        return Pointers.parse(config.publicUrl());
    }

    @Produces
    @Singleton
    CertificateProfile profile(Pointers pointers, SecureRandom random) {
        return new CertificateProfile(pointers, random);
    }

    @Produces
    @Singleton
    KeyVault vault(CertificatesConfig config, SecureRandom random) {
        return KeyVault.open(config.masterKey(), random);
    }

    @Produces
    @Singleton
    IssuanceDecider decider(CertificatesConfig config) {
        return new IssuanceDecider(new IssuanceRules(
                config.deviceLifetime(), config.serverLifetime(), config.responderLifetime(), config.backdate()));
    }

    @Produces
    @Singleton
    CrlRules crlRules(CertificatesConfig config) {
        return new CrlRules(config.crlPeriod(), config.crlLifetime(), config.rootCrlLifetime());
    }

    @Produces
    @Singleton
    AuthorityRules authorityRules(CertificatesConfig config) {
        return new AuthorityRules(
                algorithm("root-algorithm", config.rootAlgorithm()),
                algorithm("issuing-algorithm", config.issuingAlgorithm()),
                config.rootLifetime(),
                config.issuingLifetime(),
                config.backdate(),
                config.rotationShare(),
                config.activationDelay());
    }

    private static KeyAlgorithm algorithm(String key, String text) {
        return KeyAlgorithm.parse(text)
                .orElseThrow(() -> new IllegalStateException(
                        "mooring.certificates." + key + " must be P-256, P-384, RSA-3072 or RSA-4096, not " + text));
    }
}
