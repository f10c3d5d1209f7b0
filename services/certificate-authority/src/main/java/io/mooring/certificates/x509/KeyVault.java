package io.mooring.certificates.x509;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/**
 * Encrypts authorities' private keys for the database: AES-256 in GCM (NIST SP 800-38D) under the
 * master key, a fresh nonce of 96 random bits each time, and the authority's name as associated data,
 * so that one authority's key put in another's row does not open.
 *
 * <p>Form: version (one byte, 1), nonce (12 bytes), ciphertext with its tag of 16 bytes.
 */
public final class KeyVault {
    private static final byte VERSION = 1;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final SecretKeySpec masterKey;
    private final String masterKeyId;
    private final SecureRandom random;

    private KeyVault(byte[] key, SecureRandom random) {
        this.masterKey = new SecretKeySpec(key, "AES");
        byte[] label = "mooring certificates master key id".getBytes(StandardCharsets.US_ASCII);
        this.masterKeyId = Crypto.sha256Hex(ByteBuffer.allocate(label.length + key.length)
                        .put(label)
                        .put(key)
                        .array())
                .substring(0, 16);
        this.random = random;
    }

    /**
     * Opens the vault.
     *
     * @param masterKey 32 bytes in base64
     * @throws IllegalArgumentException if it is anything else; the message does not hold it
     */
    public static KeyVault open(String masterKey, SecureRandom random) {
        byte[] key;
        try {
            key = Base64.getDecoder().decode(masterKey.strip());
        } catch (IllegalArgumentException notBase64) {
            throw new IllegalArgumentException("the master key is not base64");
        }
        if (key.length != 32) {
            throw new IllegalArgumentException("the master key must be 32 bytes in base64, not " + key.length);
        }
        try {
            return new KeyVault(key, random);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    /** Names the master key without telling it: 16 hexadecimal digits of a hash. */
    public String masterKeyId() {
        return masterKeyId;
    }

    /** Encrypts a private key. */
    public byte[] seal(String owner, PrivateKey key) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        byte[] plain = key.getEncoded();
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, owner, nonce).doFinal(plain);
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
     * @throws GeneralSecurityException if it was sealed under another master key, for another owner, or changed
     */
    public PrivateKey unseal(String owner, byte[] sealed) throws GeneralSecurityException {
        if (sealed.length <= 1 + NONCE_BYTES || sealed[0] != VERSION) {
            throw new GeneralSecurityException("not a sealed key");
        }
        byte[] nonce = Arrays.copyOfRange(sealed, 1, 1 + NONCE_BYTES);
        byte[] plain = cipher(Cipher.DECRYPT_MODE, owner, nonce)
                .doFinal(sealed, 1 + NONCE_BYTES, sealed.length - 1 - NONCE_BYTES);
        try {
            return BouncyCastleProvider.getPrivateKey(PrivateKeyInfo.getInstance(plain));
        } catch (IOException e) {
            throw new GeneralSecurityException("what was sealed is not a private key", e);
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    private Cipher cipher(int mode, String owner, byte[] nonce) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, masterKey, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(owner.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }
}
