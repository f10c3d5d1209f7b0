package io.mooring.certificates.x509;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.util.Base64;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyVaultTest {
    private static final String MASTER_KEY = Base64.getEncoder().encodeToString(new byte[32]);
    private static final PrivateKey KEY = TestRequests.ec("secp256r1").getPrivate();
    private static final KeyVault VAULT = KeyVault.open(MASTER_KEY, new SecureRandom());

    @Test
    void opensWhatItSealed() throws Exception {
        byte[] sealed = VAULT.seal("authority 1", KEY);

        assertThat(VAULT.unseal("authority 1", sealed).getEncoded()).isEqualTo(KEY.getEncoded());
    }

    @Test
    void sealsTheSameKeyDifferentlyEachTime() {
        assertThat(VAULT.seal("a", KEY)).isNotEqualTo(VAULT.seal("a", KEY));
    }

    @Test
    void opensForItsOwnerOnly() {
        byte[] sealed = VAULT.seal("authority 1", KEY);

        assertThatThrownBy(() -> VAULT.unseal("authority 2", sealed)).isInstanceOf(GeneralSecurityException.class);
    }

    @Test
    void opensWithTheSameMasterKeyOnly() {
        byte[] other = new byte[32];
        other[31] = 1;
        KeyVault another = KeyVault.open(Base64.getEncoder().encodeToString(other), new SecureRandom());
        byte[] sealed = VAULT.seal("a", KEY);

        assertThat(another.masterKeyId()).isNotEqualTo(VAULT.masterKeyId());
        assertThatThrownBy(() -> another.unseal("a", sealed)).isInstanceOf(GeneralSecurityException.class);
    }

    @Property(tries = 200)
    void noticesEveryChange(
            @ForAll @IntRange(min = 0, max = 1023) int place, @ForAll @IntRange(min = 1, max = 255) int change) {
        byte[] sealed = VAULT.seal("a", KEY);
        sealed[place % sealed.length] ^= (byte) change;

        assertThatThrownBy(() -> VAULT.unseal("a", sealed)).isInstanceOf(GeneralSecurityException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "AAAA", "not base64!", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})
    void refusesABadMasterKeyWithoutRepeatingIt(String masterKey) {
        assertThatThrownBy(() -> KeyVault.open(masterKey, new SecureRandom()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("master key")
                .satisfies(e -> assertThat(masterKey.isEmpty()
                                || !String.valueOf(e.getMessage()).contains(masterKey))
                        .isTrue());
    }
}
