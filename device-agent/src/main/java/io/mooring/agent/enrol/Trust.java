package io.mooring.agent.enrol;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.PBEParameterSpec;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Whom a device trusts, and how it shows who it is. Over HTTPS, too, it trusts the authorities that the cloud told it of
 * with a certificate, as soon as it was told: so the cloud's root can change with no new file on any device.
 */
public final class Trust {
    private static final char[] NO_PASSWORD = new char[0];

    /** A key store encrypts its keys, by default with a password hashed ten thousand times: for one that is never stored, once. */
    private static final KeyStore.PasswordProtection UNPROTECTED = new KeyStore.PasswordProtection(
            NO_PASSWORD,
            "PBEWithHmacSHA256AndAES_128",
            new PBEParameterSpec(new byte[16], 1, new IvParameterSpec(new byte[16])));

    private final Set<X509Certificate> anchors;
    private final Set<X509Certificate> learned = new LinkedHashSet<>();
    private final LearningTrustManager https;

    private Trust(Collection<X509Certificate> anchors) throws GeneralSecurityException {
        this.anchors = new LinkedHashSet<>(anchors);
        this.https = new LearningTrustManager(managers(anchors));
    }

    /**
     * Trusts the authorities in a PEM file; without one, those the Java runtime trusts.
     *
     * @throws IOException if the file cannot be read or holds no certificate
     * @throws GeneralSecurityException if the Java runtime trusts nobody
     */
    public static Trust in(@Nullable Path file) throws IOException, GeneralSecurityException {
        return new Trust(file == null ? List.of() : read(file));
    }

    private static List<X509Certificate> read(Path file) throws IOException {
        try {
            List<X509Certificate> certificates = Pem.certificates(Files.readString(file));
            if (certificates.isEmpty()) {
                throw new IOException(file + " holds no PEM certificate");
            }
            return certificates;
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " holds something that is no certificate: " + e.getMessage(), e);
        }
    }

    /** For requests over HTTPS. */
    public SSLContext context() throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {https}, null);
        return context;
    }

    /** From now on also trusts, over HTTPS, the authorities that came with a certificate. */
    public synchronized void learn(Membership membership) throws GeneralSecurityException {
        boolean more = false;
        for (X509Certificate authority : authorities(membership)) {
            more |= learned.add(authority);
        }
        if (more) {
            https.alsoBy(managers(learned));
        }
    }

    private static List<X509Certificate> authorities(Membership membership) {
        return membership.certificate().stream()
                .skip(1)
                .filter(Trust::isAuthority)
                .toList();
    }

    /** Also trusts the authorities that came with a certificate. */
    public TrustManagerFactory managers(Membership membership) throws GeneralSecurityException {
        Set<X509Certificate> all = new LinkedHashSet<>(anchors);
        all.addAll(authorities(membership));
        return managers(all);
    }

    private static boolean isAuthority(X509Certificate certificate) {
        return certificate.getBasicConstraints() >= 0
                && certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
    }

    private static TrustManagerFactory managers(Collection<X509Certificate> anchors) throws GeneralSecurityException {
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(anchors.isEmpty() ? null : store(anchors));
        return managers;
    }

    private static KeyStore store(Collection<X509Certificate> anchors) throws GeneralSecurityException {
        KeyStore store = empty();
        int i = 0;
        for (X509Certificate anchor : anchors) {
            store.setCertificateEntry("anchor" + i++, anchor);
        }
        return store;
    }

    /** Shows a certificate and the chain up to, but without, the root. */
    public static KeyManagerFactory keys(Membership membership) throws GeneralSecurityException {
        return keys(
                membership.key(),
                membership.certificate().stream()
                        .filter(certificate ->
                                certificate == membership.certificate().getFirst() || !isAuthority(certificate))
                        .toList());
    }

    /** Shows a certificate, the first of a chain, and those behind it; for whoever holds its key. */
    public static KeyManagerFactory keys(PrivateKey key, Collection<? extends Certificate> chain)
            throws GeneralSecurityException {
        KeyStore store = empty();
        store.setEntry("device", new KeyStore.PrivateKeyEntry(key, chain.toArray(Certificate[]::new)), UNPROTECTED);
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, NO_PASSWORD);
        return keys;
    }

    private static KeyStore empty() throws GeneralSecurityException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            return store;
        } catch (IOException e) {
            throw new GeneralSecurityException("an empty key store can be made", e);
        }
    }
}
