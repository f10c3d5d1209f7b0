package io.mooring.bridge.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.Locale;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/** Judges nothing itself; tells of clients' certificates that were judged bad. */
final class ListeningTrustManager extends X509ExtendedTrustManager {
    static final String EXPIRED = "certificate-expired";
    static final String NOT_YET_VALID = "certificate-not-yet-valid";
    /** No chain to an authority that is trusted here: another's, or the chain is cut short. */
    static final String UNTRUSTED = "certificate-untrusted";

    private final X509ExtendedTrustManager real;
    private final RefusedCertificates.Listener listener;

    ListeningTrustManager(X509ExtendedTrustManager real, RefusedCertificates.Listener listener) {
        this.real = real;
        this.listener = listener;
    }

    private interface Check {
        void run() throws CertificateException;
    }

    private void client(X509Certificate[] chain, Check check) throws CertificateException {
        try {
            check.run();
        } catch (CertificateException refused) {
            if (chain.length > 0) {
                tell(chain[0], refused);
            }
            throw refused;
        }
    }

    private void tell(X509Certificate leaf, CertificateException refused) {
        String detail = "by " + leaf.getIssuerX500Principal().getName() + ", serial number "
                + leaf.getSerialNumber().toString(16).toLowerCase(Locale.ROOT) + ": " + refused.getMessage();
        listener.refused(name(leaf), code(leaf), detail);
    }

    private static String name(X509Certificate leaf) {
        try {
            return new LdapName(leaf.getSubjectX500Principal().getName())
                    .getRdns().stream()
                            .filter(rdn -> rdn.getType().equalsIgnoreCase("CN"))
                            .map(rdn -> rdn.getValue().toString())
                            .findFirst()
                            .orElse("nobody");
        } catch (InvalidNameException unreadable) {
            return "nobody";
        }
    }

    private static String code(X509Certificate leaf) {
        try {
            leaf.checkValidity();
            return UNTRUSTED;
        } catch (CertificateExpiredException expired) {
            return EXPIRED;
        } catch (CertificateNotYetValidException early) {
            return NOT_YET_VALID;
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
        client(chain, () -> real.checkClientTrusted(chain, type));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        client(chain, () -> real.checkClientTrusted(chain, type, socket));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        client(chain, () -> real.checkClientTrusted(chain, type, engine));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        real.checkServerTrusted(chain, type);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        real.checkServerTrusted(chain, type, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        real.checkServerTrusted(chain, type, engine);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return real.getAcceptedIssuers();
    }
}
