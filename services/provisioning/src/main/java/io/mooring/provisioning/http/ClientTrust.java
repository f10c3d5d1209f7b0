package io.mooring.provisioning.http;

import io.quarkus.tls.runtime.TrustStoreAndTrustOptions;
import io.quarkus.tls.runtime.TrustStoreProvider;
import io.smallrye.common.annotation.Identifier;
import io.vertx.core.Vertx;
import io.vertx.core.net.TrustOptions;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Lets any client certificate through the handshake of the TLS configuration {@code devices}. The handshake proves
 * that the caller has the key; whether the certificate counts is decided by our own record of fingerprints, which is
 * narrower than any trust store, never stale, and can answer with a reason where a handshake can only break off.
 */
@ApplicationScoped
@Identifier("devices")
public class ClientTrust implements TrustStoreProvider {
    @Override
    public TrustStoreAndTrustOptions getTrustStore(Vertx vertx) {
        try {
            KeyStore empty = KeyStore.getInstance("PKCS12");
            empty.load(null, null);
            return new TrustStoreAndTrustOptions(empty, TrustOptions.wrap(new AnyClient()));
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("every JDK makes an empty PKCS#12 store", e);
        }
    }

    /** Whoever has the key of what it shows. No server is trusted by it. */
    private static final class AnyClient extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            throw noServer();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            throw noServer();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            throw noServer();
        }

        /** None: a client that goes by this list shows what it has. */
        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }

        private static CertificateException noServer() {
            return new CertificateException("this trusts clients only");
        }
    }
}
