package io.mooring.certificates.x509;

import io.mooring.certificates.core.Outcome;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.Security;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x509.Certificate;

/** A PKCS#11 token (a hardware security module, say) that keeps authorities' keys and signs with them. */
public final class Token {
    private final Provider provider;
    private final KeyStore store;
    private final SecureRandom random;

    private Token(Provider provider, KeyStore store, SecureRandom random) {
        this.provider = provider;
        this.store = store;
        this.random = random;
    }

    /**
     * Opens the token, through the JDK's own PKCS#11 provider.
     *
     * @param library the vendor's module
     * @param slot the slot's id; without one, the first slot with a token
     * @throws IllegalStateException if it does not open; the message does not hold the PIN
     */
    public static Token open(Path library, Optional<Long> slot, char[] pin, SecureRandom random) {
        try {
            String place = slot.map(id -> "slot=" + id).orElse("slotListIndex=0");
            Provider provider = Security.getProvider("SunPKCS11")
                    .configure("--name=mooring\nlibrary=\"" + library + "\"\n" + place + "\n");
            KeyStore store = KeyStore.getInstance("PKCS11", provider);
            store.load(null, pin);
            return new Token(provider, store, random);
        } catch (Exception notOpened) {
            throw new IllegalStateException(
                    "the PKCS#11 token does not open (" + library + "): " + notOpened.getMessage(), notOpened);
        }
    }

    /** What signs with the key of a label; refused with {@code no_such_key}. */
    public Outcome<Signer> signer(String label, Certificate certificate) {
        try {
            return store.getKey(label, null) instanceof PrivateKey key
                    ? Outcome.done(Signer.onToken(key, provider, certificate.getSubjectPublicKeyInfo(), random))
                    : Outcome.refused(
                            "no_such_key", "the token has no private key with a certificate labelled " + label);
        } catch (Exception unusable) {
            return Outcome.refused("no_such_key", "the token does not give the key: " + unusable.getMessage());
        }
    }

    /** The certificates that lie beside a key, its own first; none if there are none. */
    public List<Certificate> chain(String label) {
        try {
            List<Certificate> chain = new ArrayList<>();
            java.security.cert.Certificate[] found = store.getCertificateChain(label);
            if (found != null) {
                for (java.security.cert.Certificate one : found) {
                    chain.add(Certificate.getInstance(one.getEncoded()));
                }
            }
            return chain;
        } catch (Exception unreadable) {
            return List.of();
        }
    }
}
