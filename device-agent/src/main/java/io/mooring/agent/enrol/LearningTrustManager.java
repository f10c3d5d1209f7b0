package io.mooring.agent.enrol;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Trusts whom the first one trusts and, once it was told, whom another one does, without a new TLS context. */
final class LearningTrustManager extends X509ExtendedTrustManager {
    private final X509ExtendedTrustManager first;
    private volatile @Nullable X509ExtendedTrustManager other;

    LearningTrustManager(TrustManagerFactory first) throws GeneralSecurityException {
        this.first = manager(first);
    }

    void alsoBy(TrustManagerFactory managers) throws GeneralSecurityException {
        other = manager(managers);
    }

    private static X509ExtendedTrustManager manager(TrustManagerFactory managers) throws GeneralSecurityException {
        return Arrays.stream(managers.getTrustManagers())
                .filter(X509ExtendedTrustManager.class::isInstance)
                .map(X509ExtendedTrustManager.class::cast)
                .findFirst()
                .orElseThrow(() -> new GeneralSecurityException("the Java runtime knows no X.509"));
    }

    private interface Check {
        void by(X509ExtendedTrustManager manager) throws CertificateException;
    }

    private void check(Check check) throws CertificateException {
        X509ExtendedTrustManager second = other;
        try {
            check.by(first);
        } catch (CertificateException refused) {
            if (second == null) {
                throw refused;
            }
            check.by(second);
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(manager -> manager.checkServerTrusted(chain, authType, engine));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        check(manager -> manager.checkServerTrusted(chain, authType, socket));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(manager -> manager.checkServerTrusted(chain, authType));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        first.checkClientTrusted(chain, authType, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        first.checkClientTrusted(chain, authType, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        first.checkClientTrusted(chain, authType);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return first.getAcceptedIssuers();
    }
}
