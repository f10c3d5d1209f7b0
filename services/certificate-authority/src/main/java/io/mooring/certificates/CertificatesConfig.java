package io.mooring.certificates;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
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

    /** The names of the clients that may rotate and revoke authorities, besides those that issue by them. */
    @WithDefault("operator")
    Set<String> operators();

    /** The clouds whose issuing authority is made at start; others are made when first needed. */
    @WithDefault("main")
    List<String> clouds();

    /** Under which URL everybody reaches this service's lists and answers; without it, certificates point nowhere. */
    Optional<String> publicUrl();

    /** A root made elsewhere. Its key is needed only while an issuing authority is signed. */
    Source root();

    /** Issuing authorities of clouds made elsewhere, by cloud. */
    Map<String, Source> cloudAuthorities();

    /** An issuing authority of servers made elsewhere. */
    Source serverAuthority();

    /** The token that keeps what {@link Source#tokenLabel()} names. */
    Pkcs11 pkcs11();

    /** The key of a root made here: {@code P-256}, {@code P-384}, {@code RSA-3072} or {@code RSA-4096}. */
    @WithDefault("P-256")
    String rootAlgorithm();

    /** The key of new issuing authorities: the same choice. */
    @WithDefault("P-256")
    String issuingAlgorithm();

    /** How long a new root is valid. */
    @WithDefault("7300d")
    Duration rootLifetime();

    /** How long a new issuing authority is valid. */
    @WithDefault("3650d")
    Duration issuingLifetime();

    /** The share of its life after which an issuing authority is followed by another. */
    @WithDefault("0.7")
    double rotationShare();

    /** How long a new authority that follows another is in the trust bundle before it signs. */
    @WithDefault("30s")
    Duration activationDelay();

    /** How long a device's certificate is valid. */
    @WithDefault("365d")
    Duration deviceLifetime();

    /** How long a server's certificate is valid. */
    @WithDefault("398d")
    Duration serverLifetime();

    /** How long the certificate of our answering service (OCSP) is valid; it is followed at half of it. */
    @WithDefault("14d")
    Duration responderLifetime();

    /** How much before now validity starts, because clocks differ. */
    @WithDefault("5m")
    Duration backdate();

    /** After how long an intent to sign that was never completed is given up and counts as revoked. */
    @WithDefault("10m")
    Duration intentTimeout();

    /** How often lists of revoked certificates are made anew if nothing is revoked. */
    @WithDefault("1h")
    Duration crlPeriod();

    /** How long such a list is good for. */
    @WithDefault("24h")
    Duration crlLifetime();

    /** How long the root's list is good for, whose key may be away; it is made anew at half of it. */
    @WithDefault("365d")
    Duration rootCrlLifetime();

    /** How long after a revocation the list is made, so that many make one list. */
    @WithDefault("1s")
    Duration crlDelay();

    /** How long an answer about a certificate may be used. */
    @WithDefault("1h")
    Duration ocspLifetime();

    /** How many questions about certificates are answered at a time; more are told to try later. */
    @WithDefault("32")
    int ocspConcurrency();

    /** Where this cloud runs, as audit records say it. */
    @WithDefault("local-1")
    String region();

    /** Where an authority made elsewhere is found: in files, or on the token. */
    interface Source {
        /** Its certificate and those above it, PEM; not needed with PKCS#12, nor if they are on the token. */
        Optional<Path> certificateFile();

        /** Its private key: PKCS#8 in PEM, or PKCS#12. May be taken away once it has been used. */
        Optional<Path> keyFile();

        /** The file with the password of the key's, on one line. */
        Optional<Path> passwordFile();

        /** The label of its key on the token. */
        Optional<String> tokenLabel();
    }

    /** A PKCS#11 token. */
    interface Pkcs11 {
        /** The vendor's module. */
        Optional<Path> library();

        /** The slot's id; without it, the first slot with a token. */
        OptionalLong slot();

        /** The file with the PIN, on one line. */
        Optional<Path> pinFile();
    }
}
