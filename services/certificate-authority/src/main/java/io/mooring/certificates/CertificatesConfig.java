package io.mooring.certificates;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What whoever runs the cloud chooses; README.md lists it with the names of the environment. */
@ConfigMapping(prefix = "mooring.certificates")
public interface CertificatesConfig {
    /** Encrypts the authorities' private keys at rest: 32 bytes in base64. Without it nothing starts. */
    String masterKey();

    /** Who may call: the SHA-256 of each client's token in lower-case hexadecimal, by the client's name. */
    Map<String, String> clients();

    /** The names of the clients that may have devices' certificates issued. */
    @WithDefault("provisioning")
    Set<String> deviceIssuers();

    /** The names of the clients that may have servers' certificates issued. */
    @WithDefault("launcher")
    Set<String> serverIssuers();

    /** The clouds whose issuing authority is made at start; others are made when first needed. */
    @WithDefault("main")
    List<String> clouds();

    /** How long a new root is valid. */
    @WithDefault("7300d")
    Duration rootLifetime();

    /** How long a new issuing authority is valid. */
    @WithDefault("3650d")
    Duration issuingLifetime();

    /** How long a device's certificate is valid. */
    @WithDefault("365d")
    Duration deviceLifetime();

    /** How long a server's certificate is valid. */
    @WithDefault("398d")
    Duration serverLifetime();

    /** How much before now validity starts, because clocks differ. */
    @WithDefault("5m")
    Duration backdate();

    /** After how long an intent to sign that was never completed is given up and counts as revoked. */
    @WithDefault("10m")
    Duration intentTimeout();

    /** Where this cloud runs, as audit records say it. */
    @WithDefault("local-1")
    String region();
}
