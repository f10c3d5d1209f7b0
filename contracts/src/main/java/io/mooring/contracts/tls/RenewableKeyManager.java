package io.mooring.contracts.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * A server's key and certificate that can be renewed while it serves: who connects from then on is shown the new one, whose
 * handshake has begun is shown to the end what it was shown first, and nobody is turned away meanwhile.
 */
public final class RenewableKeyManager extends X509ExtendedKeyManager {
    /** Keys, and which ones since the start they are. */
    private record Generation(long number, X509ExtendedKeyManager keys) {
        @Nullable
        String named(@Nullable String alias) {
            return alias == null ? null : number + ":" + alias;
        }
    }

    /** Key and alias of a name that {@link Generation#named} made. */
    private record Named(X509ExtendedKeyManager keys, String alias) {}

    private volatile Generation current;
    private volatile @Nullable Generation former;

    /**
     * Begins with the keys that a store's managers have.
     *
     * @throws IllegalStateException if they cannot be read, or are none for TLS
     */
    public RenewableKeyManager(Callable<KeyManager[]> store) {
        current = new Generation(0, keys(store));
    }

    /**
     * Shows the keys that a store's managers have now, from now on; those from before, if that fails.
     *
     * @throws IllegalStateException if they cannot be read, or are none for TLS
     */
    public synchronized void renew(Callable<KeyManager[]> store) {
        Generation next = new Generation(current.number() + 1, keys(store));
        former = current;
        current = next;
    }

    private static X509ExtendedKeyManager keys(Callable<KeyManager[]> store) {
        try {
            return Stream.of(store.call())
                    .filter(X509ExtendedKeyManager.class::isInstance)
                    .map(X509ExtendedKeyManager.class::cast)
                    .findFirst()
                    .orElseThrow();
        } catch (Exception unreadable) {
            throw new IllegalStateException("the key of the TLS port cannot be used", unreadable);
        }
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        Generation chosen = current;
        return chosen.named(chosen.keys().chooseEngineServerAlias(keyType, issuers, engine));
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        Generation chosen = current;
        return chosen.named(chosen.keys().chooseServerAlias(keyType, issuers, socket));
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        Named named = named(alias);
        return named == null ? null : named.keys().getCertificateChain(named.alias());
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        Named named = named(alias);
        return named == null ? null : named.keys().getPrivateKey(named.alias());
    }

    private @Nullable Named named(String alias) {
        int colon = alias.indexOf(':');
        for (Generation generation : new Generation[] {current, former}) {
            if (generation != null && alias.substring(0, colon).equals(Long.toString(generation.number()))) {
                return new Named(generation.keys(), alias.substring(colon + 1));
            }
        }
        return null;
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        Generation of = current;
        String[] aliases = of.keys().getServerAliases(keyType, issuers);
        return aliases == null ? null : Stream.of(aliases).map(of::named).toArray(String[]::new);
    }

    /** None: a server's keys. */
    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    /** None: a server's keys. */
    @Override
    public @Nullable String chooseClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }
}
