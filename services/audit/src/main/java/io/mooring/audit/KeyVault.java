package io.mooring.audit;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts signing keys for the database: AES-256 in GCM (NIST SP 800-38D) under the master key, a fresh nonce of 96 random
 * bits each time, and the fingerprint as associated data, so that one key put in another's row does not open.
 *
 * <p>Form: version (one byte, 1), nonce (12 bytes), ciphertext with its tag of 16 bytes.
 */
final class KeyVault {
    private static final byte VERSION = 1;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int KEY_BYTES = 32;

    private final SecretKeySpec masterKey;
    private final SecureRandom random = new SecureRandom();

    /**
     * Opens the vault.
     *
     * @param masterKey 32 bytes in base64
     * @throws IllegalArgumentException if it is anything else; the message does not hold it
     */
    KeyVault(String masterKey) {
        byte[] key;
        try {
            key = Base64.getDecoder().decode(masterKey.strip());
        } catch (IllegalArgumentException notBase64) {
            throw new IllegalArgumentException("mooring.audit.master-key is not base64");
        }
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException(
                    "mooring.audit.master-key must be 32 bytes in base64, not " + key.length);
        }
        this.masterKey = new SecretKeySpec(key, "AES");
        Arrays.fill(key, (byte) 0);
    }

    byte[] seal(String fingerprint, PrivateKey key) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        byte[] plain = key.getEncoded();
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, fingerprint, nonce).doFinal(plain);
            return ByteBuffer.allocate(1 + NONCE_BYTES + sealed.length)
                    .put(VERSION)
                    .put(nonce)
                    .put(sealed)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is not available", e);
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    /**
     * Decrypts a private key.
     *
     * @throws GeneralSecurityException if it was sealed under another master key, for another fingerprint, or changed
     */
    PrivateKey unseal(String fingerprint, byte[] sealed) throws GeneralSecurityException {
        if (sealed.length <= 1 + NONCE_BYTES || sealed[0] != VERSION) {
            throw new GeneralSecurityException("not a sealed key");
        }
        byte[] nonce = Arrays.copyOfRange(sealed, 1, 1 + NONCE_BYTES);
        byte[] plain = cipher(Cipher.DECRYPT_MODE, fingerprint, nonce)
                .doFinal(sealed, 1 + NONCE_BYTES, sealed.length - 1 - NONCE_BYTES);
        try {
            return KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(plain));
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    private Cipher cipher(int mode, String fingerprint, byte[] nonce) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, masterKey, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(fingerprint.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }
}
