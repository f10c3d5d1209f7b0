package io.mooring.bridge.tls;

import java.security.InvalidAlgorithmParameterException;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.Security;
import java.util.Arrays;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.TrustManagerFactorySpi;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** The next provider's factory, whose trust managers are listened to. */
final class ListeningTrustManagers extends TrustManagerFactorySpi {
    private static final String ALGORITHM = "PKIX";

    private final RefusedCertificates.Listener listener;
    private final TrustManagerFactory real;

    ListeningTrustManagers(RefusedCertificates.Listener listener) throws NoSuchAlgorithmException {
        this.listener = listener;
        this.real = TrustManagerFactory.getInstance(ALGORITHM, next());
    }

    private static Provider next() throws NoSuchAlgorithmException {
        return Arrays.stream(Security.getProviders("TrustManagerFactory." + ALGORITHM))
                .filter(provider -> !(provider instanceof RefusedCertificates))
                .findFirst()
                .orElseThrow(() -> new NoSuchAlgorithmException("this Java runtime has no " + ALGORITHM));
    }

    @Override
    protected void engineInit(@Nullable KeyStore anchors) throws KeyStoreException {
        real.init(anchors);
    }

    @Override
    protected void engineInit(ManagerFactoryParameters parameters) throws InvalidAlgorithmParameterException {
        real.init(parameters);
    }

    @Override
    protected TrustManager[] engineGetTrustManagers() {
        return Arrays.stream(real.getTrustManagers())
                .map(manager -> manager instanceof X509ExtendedTrustManager extended
                        ? new ListeningTrustManager(extended, listener)
                        : manager)
                .toArray(TrustManager[]::new);
    }
}
