package io.mooring.bridge.stack;

import java.net.Socket;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.KeyManagerFactorySpi;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * Shows the one certificate it has to whoever asks, as devices do; the JDK's own shows none to a server that does not
 * list its issuer.
 */
final class WillingKeys extends X509ExtendedKeyManager {
    private static final String ALIAS = "key";

    private final TestAuthority.Identity identity;

    private WillingKeys(TestAuthority.Identity identity) {
        this.identity = identity;
    }

    static KeyManagerFactory of(TestAuthority.Identity identity) {
        KeyManagerFactorySpi one = new KeyManagerFactorySpi() {
            @Override
            protected void engineInit(KeyStore store, char[] password) {
                throw new UnsupportedOperationException();
            }

            @Override
            protected void engineInit(ManagerFactoryParameters parameters) {
                throw new UnsupportedOperationException();
            }

            @Override
            protected KeyManager[] engineGetKeyManagers() {
                return new KeyManager[] {new WillingKeys(identity)};
            }
        };
        return new KeyManagerFactory(one, null, ALIAS) {};
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return Stream.concat(Stream.of(identity.certificate()), identity.issuers().stream())
                .toArray(X509Certificate[]::new);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return identity.key();
    }

    @Override
    public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
        return ALIAS;
    }

    @Override
    public String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine engine) {
        return List.of(types).contains(identity.key().getAlgorithm()) ? ALIAS : "";
    }

    @Override
    public String[] getClientAliases(String type, Principal[] issuers) {
        return new String[] {ALIAS};
    }

    @Override
    public String[] getServerAliases(String type, Principal[] issuers) {
        return new String[0];
    }

    @Override
    public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
        return "";
    }
}
