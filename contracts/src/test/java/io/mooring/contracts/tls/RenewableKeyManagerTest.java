package io.mooring.contracts.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.concurrent.Callable;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RenewableKeyManagerTest {
    private final RenewableKeyManager renewable = new RenewableKeyManager(store("first"));

    @Test
    void showsTheNewKeyToWhomConnectsFromThenOn() {
        renewable.renew(store("second"));

        assertThat(keyOf(renewable.chooseEngineServerAlias("EC", null, null))).isEqualTo("second");
        assertThat(keyOf(renewable.chooseServerAlias("EC", null, null))).isEqualTo("second");
        assertThat(renewable.getServerAliases("EC", null))
                .singleElement()
                .satisfies(alias -> assertThat(keyOf(alias)).isEqualTo("second"));
    }

    @Test
    void showsToTheEndOfAHandshakeWhatItBeganWith() {
        String begun = renewable.chooseEngineServerAlias("EC", null, null);

        renewable.renew(store("second"));

        assertThat(keyOf(begun)).isEqualTo("first");
    }

    @Test
    void forgetsWhatWasRenewedTwice() {
        String begun = renewable.chooseEngineServerAlias("EC", null, null);

        renewable.renew(store("second"));
        renewable.renew(store("third"));

        assertThat(keyOf(begun)).isNull();
        assertThat(keyOf(renewable.chooseEngineServerAlias("EC", null, null))).isEqualTo("third");
    }

    @Test
    void hasNothingWhereItsKeysAreOfAnotherKind() {
        assertThat(renewable.chooseEngineServerAlias("RSA", null, null)).isNull();
        assertThat(renewable.getServerAliases("RSA", null)).isNull();
    }

    @Test
    void keepsItsKeysIfThoseThatFollowCannotBeRead() {
        assertThatIllegalStateException()
                .isThrownBy(() -> renewable.renew(() -> {
                    throw new IOException("no file");
                }));
        assertThatIllegalStateException().isThrownBy(() -> renewable.renew(() -> new KeyManager[0]));

        assertThat(keyOf(renewable.chooseEngineServerAlias("EC", null, null))).isEqualTo("first");
    }

    private static Callable<KeyManager[]> store(String name) {
        return () -> new KeyManager[] {new Keys(name)};
    }

    private @Nullable String keyOf(@Nullable String alias) {
        PrivateKey key = renewable.getPrivateKey(java.util.Objects.requireNonNull(alias));
        return key == null ? null : key.getAlgorithm();
    }

    /** One key of the kind EC, whose algorithm's name tells it from others. */
    private static final class Keys extends X509ExtendedKeyManager {
        private final String name;

        Keys(String name) {
            this.name = name;
        }

        @Override
        public @Nullable String chooseEngineServerAlias(
                String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
            return keyType.equals("EC") ? "server" : null;
        }

        @Override
        public @Nullable String chooseServerAlias(
                String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return chooseEngineServerAlias(keyType, issuers, null);
        }

        @Override
        public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
            return keyType.equals("EC") ? new String[] {"server"} : null;
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            assertThat(alias).isEqualTo("server");
            return new PrivateKey() {
                @Override
                public String getAlgorithm() {
                    return name;
                }

                @Override
                public @Nullable String getFormat() {
                    return null;
                }

                @Override
                public byte @Nullable [] getEncoded() {
                    return null;
                }
            };
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return new X509Certificate[0];
        }

        @Override
        public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
            return null;
        }

        @Override
        public @Nullable String chooseClientAlias(
                String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return null;
        }
    }
}
