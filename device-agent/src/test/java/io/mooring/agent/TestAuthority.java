package io.mooring.agent;

import java.io.IOException;
import java.io.OutputStream;
import java.io.StringReader;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Date;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/** A certificate authority for a test: a root and what it signs. */
final class TestAuthority {
    static final char[] PASSWORD = "test".toCharArray();

    private final KeyPair keys = newKeys();
    final X509Certificate root = sign("CN=Test Root", keys.getPublic(), "CN=Test Root", true, false);

    static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    X509Certificate sign(String subject, PublicKey key) {
        return sign(subject, key, "CN=Test Root", false, true);
    }

    private X509Certificate sign(String subject, PublicKey key, String issuer, boolean authority, boolean named) {
        Instant now = Instant.now();
        return sign(
                subject, key, issuer, authority, named, now.minus(1, ChronoUnit.HOURS), now.plus(1, ChronoUnit.DAYS));
    }

    private X509Certificate sign(
            String subject,
            PublicKey key,
            String issuer,
            boolean authority,
            boolean named,
            Instant from,
            Instant until) {
        try {
            var builder = new JcaX509v3CertificateBuilder(
                            new X500Principal(issuer),
                            new BigInteger(120, new SecureRandom()),
                            Date.from(from),
                            Date.from(until),
                            new X500Principal(subject),
                            key)
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
            if (named) {
                GeneralName[] names = {
                    new GeneralName(GeneralName.dNSName, "localhost"),
                    new GeneralName(GeneralName.iPAddress, "127.0.0.1")
                };
                builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
        } catch (OperatorCreationException | CertIOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Signs a request if it proves possession of its key and is for the device. */
    X509Certificate signRequest(String pem, String deviceId, Duration life) throws IOException {
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            var request = new JcaPKCS10CertificationRequest((PKCS10CertificationRequest) parser.readObject());
            PublicKey key = request.getPublicKey();
            boolean proven = request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key));
            if (!proven || !request.getSubject().toString().equals("CN=" + deviceId)) {
                throw new IOException("a bad request for a certificate");
            }
            Instant now = Instant.now();
            return sign("CN=" + deviceId, key, "CN=Test Root", false, true, now.minusSeconds(1), now.plus(life));
        } catch (GeneralSecurityException | OperatorCreationException | PKCSException e) {
            throw new IOException(e);
        }
    }

    static String pem(String type, byte[] der) {
        return "-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + type
                + "-----\n";
    }

    static String pem(X509Certificate certificate) throws GeneralSecurityException {
        return pem("CERTIFICATE", certificate.getEncoded());
    }

    static String pem(PrivateKey key) {
        return pem("PRIVATE KEY", key.getEncoded());
    }

    /** Key and certificate for someone, as a key store. */
    KeyStore identity(String subject) throws GeneralSecurityException, IOException {
        KeyPair pair = newKeys();
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry(
                "key", pair.getPrivate(), PASSWORD, new Certificate[] {sign(subject, pair.getPublic()), root});
        return store;
    }

    KeyStore trust() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("root", root);
        return store;
    }

    static void write(KeyStore store, Path file) throws GeneralSecurityException, IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, PASSWORD);
        }
    }

    SSLContext serverContext() throws GeneralSecurityException, IOException {
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(identity("CN=localhost"), PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }
}
