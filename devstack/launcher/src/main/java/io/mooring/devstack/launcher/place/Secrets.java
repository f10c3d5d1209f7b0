package io.mooring.devstack.launcher.place;

import io.mooring.devstack.launcher.process.StartException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The secrets of one cloud, each made at random when first asked for and kept in a file of its own
 * that only we can read.
 */
public final class Secrets {
    /** 192 bits, as 32 characters that need no quoting in a shell, a URL or SQL. */
    private static final int TOKEN_BYTES = 24;

    private static final int KEY_BYTES = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    private static final String ACCESS_MASTER_KEY = "access-master-key";

    static final String SUPERUSER_PASSWORD = "role-postgres";
    static final String CERTIFICATES_MASTER_KEY = "certificates-master-key";
    private static final String AUDIT_MASTER_KEY = "audit-master-key";

    private static final String DEMO_PRODUCT = "demo-product-token";

    private final Path folder;

    Secrets(Path folder) {
        this.folder = folder;
    }

    /** The secrets kept in a folder, which need not be of a cloud on this machine. */
    public static Secrets in(Path folder) {
        return new Secrets(folder);
    }

    /** The password of a database role. */
    public String rolePassword(String role) {
        return token("role-" + role);
    }

    /** The password with which people sign in to the API as {@code operator}. */
    public String operatorPassword() {
        return token("operator-password");
    }

    /** The bearer token of the operators' API. */
    public String operatorToken() {
        return token("operator-token");
    }

    /** The bearer token by which one service, or we, speak to another. */
    public String serviceToken(String from, String to) {
        return token("token-" + from + "-to-" + to);
    }

    /** What a service that checks a token is told of it: its SHA-256, in lower-case hex. */
    public static String hashed(String token) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** The key under which the certificate authority keeps its own keys: 32 bytes, base64. */
    public String certificatesMasterKey() {
        return kept(CERTIFICATES_MASTER_KEY, () -> Base64.getEncoder().encodeToString(random(KEY_BYTES)));
    }

    /** The key under which audit keeps its signing keys: 32 bytes, base64. */
    public String auditMasterKey() {
        return kept(AUDIT_MASTER_KEY, () -> Base64.getEncoder().encodeToString(random(KEY_BYTES)));
    }

    /** The key that devices' access keys are derived from: 32 bytes, base64. */
    public String accessMasterKey() {
        return kept(ACCESS_MASTER_KEY, () -> Base64.getEncoder().encodeToString(random(KEY_BYTES)));
    }

    /** The password of the broker's key store and trust store. */
    public String keystorePassword() {
        return token("keystore-password");
    }

    /** The token by which the demo's device registers; empty until its product was created. */
    public Optional<String> demoProductToken() {
        return has(DEMO_PRODUCT) ? Optional.of(token(DEMO_PRODUCT)) : Optional.empty();
    }

    /** Keeps the token of the demo's product. */
    public void keepDemoProductToken(String token) {
        kept(DEMO_PRODUCT, () -> token);
    }

    /** Makes a lasting secret, if it was not made before. */
    void make(String name) {
        switch (name) {
            case SUPERUSER_PASSWORD -> rolePassword("postgres");
            case CERTIFICATES_MASTER_KEY -> certificatesMasterKey();
            default -> throw new IllegalArgumentException(name);
        }
    }

    /** Whether a secret of this name was made before. */
    boolean has(String name) {
        return Files.exists(folder.resolve(name));
    }

    private String token(String name) {
        return kept(name, () -> Base64.getUrlEncoder().withoutPadding().encodeToString(random(TOKEN_BYTES)));
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    private synchronized String kept(String name, Supplier<String> maker) {
        Path file = folder.resolve(name);
        try {
            if (!Files.exists(file)) {
                write(file, maker.get());
            }
            return Files.readString(file).strip();
        } catch (IOException notKept) {
            throw new StartException("the secret " + file + " cannot be kept: " + notKept.getMessage(), notKept);
        }
    }

    private static void write(Path file, String secret) throws IOException {
        // Whole or not at all: a folder may be copied, or the disk full, at any moment.
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        try {
            Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (FileAlreadyExistsException raced) {
            throw new IOException("somebody else writes it", raced);
        }
        Files.writeString(fresh, secret + "\n", StandardOpenOption.WRITE);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
