package io.mooring.provisioning.keys;

import io.mooring.contracts.access.MasterKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Seals private keys under a key derived from the master key: AES-256-GCM, bound to the id of what is sealed. */
final class SigningKeyVault {
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final String PURPOSE = "signing-keys";

    private final SecureRandom random = new SecureRandom();
    private final MasterKey current;
    private final List<MasterKey> all = new ArrayList<>();

    SigningKeyVault(MasterKey current, List<MasterKey> former) {
        this.current = current;
        all.add(current);
        all.addAll(former);
    }

    /** The id of the master key that seals. */
    String masterKey() {
        return current.id();
    }

    byte[] seal(String id, PrivateKey key) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, current, id, nonce).doFinal(key.getEncoded());
            return ByteBuffer.allocate(NONCE_BYTES + sealed.length)
                    .put(nonce)
                    .put(sealed)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES-GCM", e);
        }
    }

    /** Opens what was sealed; empty if the master key is not known any more, or it was tampered with. */
    Optional<PrivateKey> open(String id, String masterKey, String keyType, byte[] sealed) {
        return all.stream()
                .filter(key -> key.id().equals(masterKey))
                .findFirst()
                .flatMap(key -> {
                    try {
                        ByteBuffer parts = ByteBuffer.wrap(sealed);
                        byte[] nonce = new byte[NONCE_BYTES];
                        parts.get(nonce);
                        byte[] rest = new byte[parts.remaining()];
                        parts.get(rest);
                        byte[] encoded =
                                cipher(Cipher.DECRYPT_MODE, key, id, nonce).doFinal(rest);
                        return Optional.of(
                                KeyFactory.getInstance(keyType).generatePrivate(new PKCS8EncodedKeySpec(encoded)));
                    } catch (GeneralSecurityException | RuntimeException tampered) {
                        return Optional.empty();
                    }
                });
    }

    private static Cipher cipher(int mode, MasterKey master, String id, byte[] nonce) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(master.derive(PURPOSE), "AES"), new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(id.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }
}
