package io.mooring.agent.enrol;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What makes a device a member of its cloud.
 *
 * @param account whose it is
 * @param endpoint host name of the MQTT listener, which its certificate bears
 * @param port its port
 * @param thing the device's name in the cloud
 * @param certificate the device's certificate first, then those up to the root
 * @param key the key of it
 * @param expires when the certificate does, or null if the cloud did not say
 */
public record Membership(
        String account,
        String endpoint,
        int port,
        String thing,
        List<X509Certificate> certificate,
        PrivateKey key,
        @Nullable Instant expires) {
    public Membership {
        certificate = List.copyOf(certificate);
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "Membership[account=" + account + ", endpoint=" + endpoint + ":" + port + ", thing=" + thing
                + ", expires=" + expires + "]";
    }
}
