package io.mooring.bridge.application;

import io.mooring.bridge.registry.DeviceEntry;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the registry says of one application. Without products and devices its scope is all devices of its cloud.
 *
 * @param tokens its passwords, of which there are two while one takes the other's place
 * @param certificates SHA-256 of each client certificate it may use, in lower-case hex
 * @param products whose devices are in its scope
 * @param devices that are in its scope besides
 */
record Application(
        String id,
        String cloud,
        boolean active,
        List<Token> tokens,
        Set<String> certificates,
        Set<Right> rights,
        Set<String> products,
        Set<String> devices) {
    /** What an application may do with the devices in its scope. */
    enum Right {
        READ,
        COMMAND,
        WRITE,
        PUBLISH,
        SUBSCRIBE
    }

    /**
     * One of its passwords.
     *
     * @param sha256 of the password
     * @param expires null if never
     */
    record Token(byte[] sha256, @Nullable Instant expires) {
        boolean isValid(Instant now) {
            return expires == null || now.isBefore(expires);
        }
    }

    boolean may(Right right) {
        return active && rights.contains(right);
    }

    /** Whether a device is in its scope. */
    boolean covers(DeviceEntry device) {
        return device.cloud().equals(cloud)
                && (products.isEmpty() && devices.isEmpty()
                        || products.contains(device.product())
                        || devices.contains(device.device()));
    }

    /** Whether a password's hash is one of its own. Takes as long whether it is or not. */
    boolean accepts(byte[] sha256, Instant now) {
        boolean any = false;
        for (Token token : tokens) {
            any |= MessageDigest.isEqual(token.sha256(), sha256) & token.isValid(now);
        }
        return active && any;
    }
}
