package io.mooring.bridge.stack;

import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Makes the certificates of a server and of devices, all from one authority of its own. */
public final class TestAuthority {
    /** What one end of a connection has to show: its key, its certificate, and those of the authorities above. */
    public record Identity(PrivateKey key, X509Certificate certificate, List<X509Certificate> issuers) {
        /** The SHA-256 of the certificate, as the registry lists it. */
        public String fingerprint() {
            try {
                byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
                return HexFormat.of().formatHex(digest);
            } catch (GeneralSecurityException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
    }

    private final SecureRandom random = new SecureRandom();
    private final KeyPair authorityKey;
    private final X500Name authorityName = new X500Name("CN=Test authority");
    private final X509Certificate authority;
    /** Keys cost more than signatures; devices of one test may share theirs. */
    private final KeyPair deviceKey;

    public TestAuthority() {
        authorityKey = newKey();
        deviceKey = newKey();
        authority = sign(authorityName, authorityKey, true);
    }

    /** Its own certificate. */
    public X509Certificate certificate() {
        return authority;
    }

    /** A certificate that names a device; another one each time. */
    public Identity device(String id) {
        Instant now = Instant.now();
        return device(id, now.minus(1, ChronoUnit.HOURS), now.plus(1, ChronoUnit.DAYS));
    }

    /** A certificate of a device for a time. */
    public Identity device(String id, Instant from, Instant until) {
        X509Certificate certificate =
                sign(new X500Name("CN=" + id), deviceKey, authorityName, authorityKey.getPrivate(), false, from, until);
        return new Identity(deviceKey.getPrivate(), certificate, List.of(authority));
    }

    /** A certificate of a device by an authority below this one, whose certificate it shows or does not. */
    public Identity deviceBelow(String id, boolean wholeChain) {
        Instant now = Instant.now();
        Instant until = now.plus(1, ChronoUnit.DAYS);
        KeyPair issuerKey = newKey();
        X500Name issuerName = new X500Name("CN=Test authority below");
        X509Certificate issuer =
                sign(issuerName, issuerKey, authorityName, authorityKey.getPrivate(), true, now, until);
        X509Certificate certificate =
                sign(new X500Name("CN=" + id), deviceKey, issuerName, issuerKey.getPrivate(), false, now, until);
        return new Identity(deviceKey.getPrivate(), certificate, wholeChain ? List.of(issuer, authority) : List.of());
    }

    /** Writes the keystore of a server on this machine. */
    public void writeServerKeystore(Path file, String password) throws IOException {
        KeyPair key = newKey();
        X509Certificate certificate = sign(new X500Name("CN=localhost"), key, false);
        Identity server = new Identity(key.getPrivate(), certificate, List.of(authority));
        write(keyStore(server, password.toCharArray()), file, password);
    }

    /** Writes the truststore of who trusts this authority. */
    public void writeTruststore(Path file, String password) throws IOException {
        write(trustStore(), file, password);
    }

    /** What a TLS client needs to show itself. */
    public KeyManagerFactory keyManagers(Identity identity) {
        return WillingKeys.of(identity);
    }

    /** What a TLS client needs to trust the server. */
    public TrustManagerFactory trustManagers() {
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(trustStore());
            return factory;
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private KeyStore keyStore(Identity identity, char[] password) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            List<Certificate> chain = new ArrayList<>(List.of(identity.certificate()));
            chain.addAll(identity.issuers());
            store.setKeyEntry("key", identity.key(), password, chain.toArray(Certificate[]::new));
            return store;
        } catch (GeneralSecurityException | IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private KeyStore trustStore() {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setCertificateEntry("authority", authority);
            return store;
        } catch (GeneralSecurityException | IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static void write(KeyStore store, Path file, String password) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, password.toCharArray());
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private X509Certificate sign(X500Name subject, KeyPair key, boolean isAuthority) {
        Instant now = Instant.now();
        return sign(
                subject,
                key,
                authorityName,
                authorityKey.getPrivate(),
                isAuthority,
                now.minus(1, ChronoUnit.HOURS),
                now.plus(1, ChronoUnit.DAYS));
    }

    private X509Certificate sign(
            X500Name subject,
            KeyPair key,
            X500Name issuer,
            PrivateKey issuerKey,
            boolean isAuthority,
            Instant from,
            Instant until) {
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                issuer, new BigInteger(120, random), Date.from(from), Date.from(until), subject, key.getPublic());
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(isAuthority));
            builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName[] {
                new GeneralName(GeneralName.dNSName, "localhost"), new GeneralName(GeneralName.iPAddress, "127.0.0.1")
            }));
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(issuerKey)));
        } catch (CertIOException | OperatorCreationException | GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static KeyPair newKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
