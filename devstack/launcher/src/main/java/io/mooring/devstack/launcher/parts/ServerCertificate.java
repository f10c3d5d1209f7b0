package io.mooring.devstack.launcher.parts;

import io.mooring.devstack.launcher.process.StartException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/**
 * The certificate of our server, by which devices know it: key made here, certificate issued by the
 * cloud's own authority. As PEM for the API, as PKCS#12 for the broker. Files are replaced whole, by
 * rename, because those who use them read them again while they run.
 */
public final class ServerCertificate {
    /** Renewed when less than this of its life is left. */
    private static final double RENEWED_AT_LAST = 1.0 / 3;

    private final Path folder;
    private final String password;
    private final List<String> names;
    private final AuthorityClient authority;
    private final Clock clock;

    /**
     * A server's certificate, kept or to be had.
     *
     * @param folder where the files are; made if absent
     * @param password of the key store and the trust store
     * @param names as which the server is reached, the first of which it is called by
     * @param authorityUrl where the certificate authority is
     * @param token by which it knows us
     */
    public ServerCertificate(
            Path folder, String password, List<String> names, String authorityUrl, String token, Clock clock) {
        this.folder = folder;
        this.password = password;
        this.names = List.copyOf(names);
        this.authority = new AuthorityClient(authorityUrl, token);
        this.clock = clock;
    }

    /** The certificate and the authorities between it and the root, PEM. */
    public Path certificateFile() {
        return folder.resolve("server.pem");
    }

    /** The server's private key, PKCS#8 in PEM. */
    public Path keyFile() {
        return folder.resolve("server.key");
    }

    /** The root authority, PEM: whoever trusts it trusts this server. */
    public Path authorityFile() {
        return folder.resolve("authority.pem");
    }

    /** Key and certificate for the broker, PKCS#12. */
    public Path keystoreFile() {
        return folder.resolve("server.p12");
    }

    /** The authorities of the devices' certificates for the broker, PKCS#12. */
    public Path truststoreFile() {
        return folder.resolve("devices.p12");
    }

    /** Whether there is a certificate that need not be renewed yet, and all that goes with it. */
    public boolean isGood() {
        for (Path file : List.of(keyFile(), authorityFile(), keystoreFile(), truststoreFile(), certificateFile())) {
            if (!Files.isRegularFile(file)) {
                return false;
            }
        }
        try {
            X509Certificate leaf = leaf();
            Instant from = leaf.getNotBefore().toInstant();
            Instant until = leaf.getNotAfter().toInstant();
            Duration left = Duration.between(clock.instant(), until);
            return left.toMillis() > Duration.between(from, until).toMillis() * RENEWED_AT_LAST;
        } catch (IOException | GeneralSecurityException unreadable) {
            return false;
        }
    }

    /** When the certificate ends; empty while there is none. */
    public Optional<Instant> end() {
        try {
            return Optional.of(leaf().getNotAfter().toInstant());
        } catch (IOException | GeneralSecurityException unreadable) {
            return Optional.empty();
        }
    }

    private X509Certificate leaf() throws IOException, GeneralSecurityException {
        return certificates(Files.readString(certificateFile())).getFirst();
    }

    /** Whether there is a trust store, however old: authorities of before stay in it while they count. */
    public boolean knowsWhomToTrust() {
        return Files.isRegularFile(truststoreFile());
    }

    /** Makes a new key and has a certificate issued for it; writes all files. */
    public void renew() throws InterruptedException {
        try {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair pair = generator.generateKeyPair();
            AuthorityClient.Issued issued = authority.serverCertificate(request(pair), names);

            List<X509Certificate> chain = new ArrayList<>(certificates(issued.certificate()));
            List<X509Certificate> authorities = certificates(issued.authority());
            authorities.stream().filter(one -> !isRoot(one)).forEach(chain::add);
            List<X509Certificate> roots =
                    authorities.stream().filter(ServerCertificate::isRoot).toList();

            replace(keyFile(), pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
            replace(authorityFile(), pem(roots));
            replace(keystoreFile(), keystore(pair.getPrivate(), chain));
            refreshTrust();
            // Last: its presence says that the rest is there.
            replace(certificateFile(), pem(chain));
        } catch (IOException | GeneralSecurityException | OperatorCreationException notIssued) {
            throw new StartException("the server's certificate could not be had: " + notIssued.getMessage(), notIssued);
        }
    }

    /** Asks anew whom to trust; the broker takes it up within seconds. Changes nothing if nothing changed. */
    public void refreshTrust() throws IOException, InterruptedException {
        String bundle = authority.trustBundle();
        Path seen = folder.resolve("devices.pem");
        if (Files.exists(truststoreFile())
                && Files.exists(seen)
                && Files.readString(seen).equals(bundle)) {
            return;
        }
        try {
            KeyStore store = emptyStore();
            int index = 0;
            for (X509Certificate trusted : certificates(bundle)) {
                store.setCertificateEntry("authority-" + index++, trusted);
            }
            replace(truststoreFile(), bytes(store));
            replace(seen, bundle.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException unusable) {
            throw new IOException("the trust bundle cannot be used: " + unusable.getMessage(), unusable);
        }
    }

    private String request(KeyPair pair) throws OperatorCreationException, IOException {
        byte[] encoded = new JcaPKCS10CertificationRequestBuilder(
                        new X500Principal("CN=" + names.getFirst()), pair.getPublic())
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()))
                .getEncoded();
        return new String(pem("CERTIFICATE REQUEST", encoded), StandardCharsets.US_ASCII);
    }

    private static boolean isRoot(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
    }

    private static List<X509Certificate> certificates(String pem) throws GeneralSecurityException {
        List<X509Certificate> found = new ArrayList<>();
        for (Certificate certificate : CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))) {
            found.add((X509Certificate) certificate);
        }
        if (found.isEmpty()) {
            throw new GeneralSecurityException("there is no certificate in it");
        }
        return found;
    }

    private byte[] keystore(PrivateKey key, List<X509Certificate> chain) throws GeneralSecurityException, IOException {
        KeyStore store = emptyStore();
        store.setKeyEntry("server", key, password(), chain.toArray(X509Certificate[]::new));
        return bytes(store);
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private byte[] bytes(KeyStore store) throws GeneralSecurityException, IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        store.store(out, password());
        return out.toByteArray();
    }

    private char[] password() {
        return password.toCharArray();
    }

    private static byte[] pem(List<X509Certificate> certificates) throws GeneralSecurityException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (X509Certificate certificate : certificates) {
            out.writeBytes(pem("CERTIFICATE", certificate.getEncoded()));
        }
        return out.toByteArray();
    }

    private static byte[] pem(String label, byte[] content) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return ("-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static void replace(Path file, byte[] content) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(fresh, content);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
