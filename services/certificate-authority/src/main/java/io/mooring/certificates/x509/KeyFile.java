package io.mooring.certificates.x509;

import io.mooring.certificates.core.Outcome;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.pkcs.EncryptedPrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.EncryptionScheme;
import org.bouncycastle.asn1.pkcs.KeyDerivationFunc;
import org.bouncycastle.asn1.pkcs.PBES2Parameters;
import org.bouncycastle.asn1.pkcs.PBKDF2Params;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8DecryptorProviderBuilder;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;

/**
 * Reads the keys and certificates of authorities made elsewhere: PEM (PKCS#8, encrypted or not, and a
 * chain of certificates) or PKCS#12. Refusals say what is wrong and repeat nothing of what was read.
 */
public final class KeyFile {
    /** The longest file read, in bytes. */
    public static final int MAX_BYTES = 256 * 1024;

    /** The most rounds of key derivation done for a password; a file that asks for more would hold us up. */
    private static final int MAX_ITERATIONS = 5_000_000;

    private KeyFile() {}

    /**
     * What a file holds.
     *
     * @param key the private key, if there is one
     * @param chain certificates, the key's own first
     */
    public record Content(Optional<PrivateKey> key, List<Certificate> chain) {
        public Content {
            chain = List.copyOf(chain);
        }

        /** Says how much there is and nothing of the key. */
        @Override
        public String toString() {
            return "Content[" + chain.size() + " certificates]";
        }
    }

    /** Reads a file; refused with {@code bad_key_file}, or {@code bad_password}. */
    public static Outcome<Content> read(byte[] file, Optional<char[]> password) {
        if (file.length > MAX_BYTES) {
            return bad("it is longer than " + MAX_BYTES + " bytes");
        }
        String text = new String(file, StandardCharsets.ISO_8859_1);
        return text.contains("-----BEGIN ") ? pem(text, password) : pkcs12(file, password);
    }

    private static Outcome<Content> pem(String text, Optional<char[]> password) {
        Optional<PrivateKey> key = Optional.empty();
        List<Certificate> chain = new ArrayList<>();
        for (Pem.Block block : Pem.readAll(text)) {
            switch (block.label()) {
                case "CERTIFICATE" -> {
                    Optional<Certificate> certificate = certificate(block.content());
                    if (certificate.isEmpty()) {
                        return bad("a certificate in it cannot be read");
                    }
                    chain.add(certificate.get());
                }
                case "PRIVATE KEY", "ENCRYPTED PRIVATE KEY" -> {
                    boolean encrypted = block.label().startsWith("ENCRYPTED");
                    Outcome<PrivateKey> read =
                            encrypted ? encryptedKey(block.content(), password) : plainKey(block.content());
                    if (read instanceof Outcome.Refused<PrivateKey>(var refusal)) {
                        return new Outcome.Refused<>(refusal);
                    }
                    if (key.isPresent()) {
                        return bad("it holds more than one private key");
                    }
                    key = Optional.of(((Outcome.Done<PrivateKey>) read).value());
                }
                case "RSA PRIVATE KEY", "EC PRIVATE KEY" -> {
                    return bad("its private key is not in PKCS#8: openssl pkcs8 -topk8 makes it so");
                }
                default -> {
                    // Parameters of curves and the like: not needed.
                }
            }
        }
        return key.isEmpty() && chain.isEmpty()
                ? bad("there is neither a private key nor a certificate in it")
                : Outcome.done(new Content(key, chain));
    }

    private static Optional<Certificate> certificate(byte[] der) {
        if (!DerShape.isOneValue(der)) {
            return Optional.empty();
        }
        try {
            return Optional.of(Certificate.getInstance(der));
        } catch (RuntimeException notACertificate) {
            return Optional.empty();
        }
    }

    private static Outcome<PrivateKey> plainKey(byte[] der) {
        try {
            return DerShape.isOneValue(der) ? key(PrivateKeyInfo.getInstance(der)) : bad("its private key is not DER");
        } catch (RuntimeException notAKey) {
            return bad("its private key cannot be read");
        }
    }

    private static Outcome<PrivateKey> encryptedKey(byte[] der, Optional<char[]> password) {
        if (password.isEmpty()) {
            return Outcome.refused("bad_password", "its private key is encrypted, and there is no password");
        }
        try {
            if (!DerShape.isOneValue(der) || !isAffordable(EncryptedPrivateKeyInfo.getInstance(der))) {
                return bad("its private key is not encrypted by PBES2 with PBKDF2 and at most " + MAX_ITERATIONS
                        + " rounds");
            }
            PrivateKeyInfo info = new PKCS8EncryptedPrivateKeyInfo(der)
                    .decryptPrivateKeyInfo(new JceOpenSSLPKCS8DecryptorProviderBuilder()
                            .setProvider(Crypto.PROVIDER)
                            .build(password.get()));
            return key(info);
        } catch (Exception notDecrypted) {
            return Outcome.refused("bad_password", "its private key does not decrypt: is the password right?");
        }
    }

    private static boolean isAffordable(EncryptedPrivateKeyInfo encrypted) {
        if (!encrypted.getEncryptionAlgorithm().getAlgorithm().equals(PKCSObjectIdentifiers.id_PBES2)) {
            return false;
        }
        PBES2Parameters parameters =
                PBES2Parameters.getInstance(encrypted.getEncryptionAlgorithm().getParameters());
        KeyDerivationFunc derivation = parameters.getKeyDerivationFunc();
        EncryptionScheme cipher = parameters.getEncryptionScheme();
        return cipher != null
                && derivation.getAlgorithm().equals(PKCSObjectIdentifiers.id_PBKDF2)
                && PBKDF2Params.getInstance(derivation.getParameters())
                                .getIterationCount()
                                .bitLength()
                        < Integer.SIZE
                && PBKDF2Params.getInstance(derivation.getParameters())
                                .getIterationCount()
                                .intValue()
                        <= MAX_ITERATIONS;
    }

    private static Outcome<PrivateKey> key(PrivateKeyInfo info) {
        try {
            PrivateKey key = BouncyCastleProvider.getPrivateKey(info);
            return key == null ? bad("its private key is of an unknown kind") : Outcome.done(key);
        } catch (Exception notAKey) {
            return bad("its private key is not a valid one");
        }
    }

    /** Read by the JDK, which bounds the rounds of key derivation itself. */
    private static Outcome<Content> pkcs12(byte[] file, Optional<char[]> password) {
        if (password.isEmpty()) {
            return Outcome.refused("bad_password", "it is neither PEM nor, without a password, PKCS#12");
        }
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(new ByteArrayInputStream(file), password.get());
            for (String alias : Collections.list(store.aliases())) {
                if (store.isKeyEntry(alias) && store.getKey(alias, password.get()) instanceof PrivateKey key) {
                    List<Certificate> chain = new ArrayList<>();
                    for (java.security.cert.Certificate one : store.getCertificateChain(alias)) {
                        chain.add(Certificate.getInstance(one.getEncoded()));
                    }
                    return plainKey(key.getEncoded()).then(own -> Outcome.done(new Content(Optional.of(own), chain)));
                }
            }
            return bad("there is no private key in it");
        } catch (Exception notRead) {
            return Outcome.refused("bad_key_file", "it is not PKCS#12, or its password is another");
        }
    }

    private static <T> Outcome<T> bad(String detail) {
        return Outcome.refused("bad_key_file", detail);
    }
}
