package io.mooring.agent.enrol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What a device holds so that nobody else can register under its claim id, which may be guessed (device protocol,
 * section 1.1). The secret itself is never sent: the cloud knows its SHA-256, and each registration proves by a MAC made
 * with that, over the id and the time, that the device knows it too.
 *
 * @param text any text; 128 random bits or more are worth having
 */
public record DeviceSecret(String text) {
    private static final String MAC = "HmacSHA256";
    private static final String PURPOSE = "mooring-register";

    public DeviceSecret {
        if (text.isBlank()) {
            throw new IllegalArgumentException("the device's secret is empty");
        }
    }

    /** Adds the secret's hash and a proof for this time to a registration. */
    public void prove(ObjectNode registration, String id, Instant now) {
        String time = now.truncatedTo(ChronoUnit.MILLIS).toString();
        byte[] hash = hash();
        registration.put("secretHash", HexFormat.of().formatHex(hash));
        registration.putObject("proof").put("time", time).put("mac", mac(hash, PURPOSE + "\n" + id + "\n" + time));
    }

    private byte[] hash() {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static String mac(byte[] key, String message) {
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(new SecretKeySpec(key, MAC));
            return HexFormat.of().formatHex(mac.doFinal(message.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + MAC, e);
        }
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "DeviceSecret[]";
    }
}
