package io.mooring.bridge.tls;

import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.Security;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells of each client certificate that a TLS handshake of this JVM refuses. The broker keeps these to its debug log,
 * and its SDK has no word for them; so we stand in for the JDK's factory of trust managers (JCA, the provider
 * mechanism), hand everything on to it, and listen. Certificates are judged by the JDK, as before.
 */
public final class RefusedCertificates extends Provider {
    /** Told of a refusal, by the thread that does the handshake. */
    @FunctionalInterface
    public interface Listener {
        /**
         * A certificate was refused.
         *
         * @param claimed whom it names; nothing of it is proved
         * @param code why, for machines
         * @param detail why, for people
         */
        void refused(String claimed, String code, String detail);
    }

    private static final long serialVersionUID = 1;
    private static final String NAME = "MooringRefusedCertificates";

    private RefusedCertificates(Listener listener) {
        super(NAME, "1", "Listens to trust managers");
        putService(new Factory(this, listener));
    }

    /** Begins to listen; to trust managers that are made from now on. */
    public static void watch(Listener listener) {
        stop();
        Security.insertProviderAt(new RefusedCertificates(listener), 1);
    }

    /** Listens no more. */
    public static void stop() {
        Security.removeProvider(NAME);
    }

    private static final class Factory extends Service {
        private final Listener listener;

        Factory(Provider provider, Listener listener) {
            super(
                    provider,
                    "TrustManagerFactory",
                    "PKIX",
                    ListeningTrustManagers.class.getName(),
                    List.of("SunPKIX", "X509", "X.509"),
                    Map.of());
            this.listener = listener;
        }

        @Override
        public Object newInstance(@Nullable Object unused) throws NoSuchAlgorithmException {
            return new ListeningTrustManagers(listener);
        }
    }
}
