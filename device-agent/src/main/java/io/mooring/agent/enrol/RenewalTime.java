package io.mooring.agent.enrol;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;

/** When a certificate is to be renewed. */
public final class RenewalTime {
    /** Which part of the life that is left by then the renewals of many devices are spread over. */
    private static final double SPREAD = 0.25;

    private RenewalTime() {}

    /**
     * After a share of its life, and a part of the rest that differs from certificate to certificate: devices that
     * joined together do not all come back together. The same at each call.
     *
     * @param share of the life, in 0 to 1
     */
    public static Instant of(X509Certificate certificate, double share) {
        Instant from = certificate.getNotBefore().toInstant();
        Duration life = Duration.between(from, certificate.getNotAfter().toInstant());
        double at = share + (1 - share) * SPREAD * chance(certificate);
        return from.plusMillis(Math.round(life.toMillis() * at));
    }

    /** From 0 to 1, of the certificate's own. */
    private static double chance(X509Certificate certificate) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
            return (ByteBuffer.wrap(digest).getLong() >>> 11) / (double) (1L << 53);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a certificate that was read can be written", e);
        }
    }
}
