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
import java.util.Date;
import java.util.HexFormat;
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
    /** What one end of a connection has to show. */
    public record Identity(PrivateKey key, X509Certificate certificate) {
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

    private static final char[] NO_PASSWORD = {};

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

    /** A certificate that names a device; another one each time. */
    public Identity device(String id) {
        return new Identity(deviceKey.getPrivate(), sign(new X500Name("CN=" + id), deviceKey, false));
    }

    /** Writes the keystore of a server on this machine. */
    public void writeServerKeystore(Path file, String password) throws IOException {
        KeyPair key = newKey();
        X509Certificate certificate = sign(new X500Name("CN=localhost"), key, false);
        write(keyStore(new Identity(key.getPrivate(), certificate), password.toCharArray()), file, password);
    }

    /** Writes the truststore of who trusts this authority. */
    public void writeTruststore(Path file, String password) throws IOException {
        write(trustStore(), file, password);
    }

    /** What a TLS client needs to show itself. */
    public KeyManagerFactory keyManagers(Identity identity) {
        try {
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(keyStore(identity, NO_PASSWORD), NO_PASSWORD);
            return factory;
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
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
            store.setKeyEntry("key", identity.key(), password, new Certificate[] {identity.certificate(), authority});
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
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                authorityName,
                new BigInteger(120, random),
                Date.from(now.minus(1, ChronoUnit.HOURS)),
                Date.from(now.plus(1, ChronoUnit.DAYS)),
                subject,
                key.getPublic());
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(isAuthority));
            builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName[] {
                new GeneralName(GeneralName.dNSName, "localhost"), new GeneralName(GeneralName.iPAddress, "127.0.0.1")
            }));
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(
                            new JcaContentSignerBuilder("SHA256withECDSA").build(authorityKey.getPrivate())));
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
