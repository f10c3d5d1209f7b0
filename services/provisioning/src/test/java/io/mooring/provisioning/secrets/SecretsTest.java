package io.mooring.provisioning.secrets;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.provisioning.ProvisioningConfig;
import io.mooring.provisioning.core.Registration;
import io.mooring.provisioning.core.SecretProof;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsTest {
    @Test
    void makesTokensThatDiffer() {
        Set<String> tokens = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            assertThat(Tokens.newToken()).matches("[A-Za-z0-9]{40}");
            tokens.add(Tokens.newToken());
        }
        assertThat(tokens).hasSize(1000);
        assertThat(Tokens.newId()).matches("[A-Z0-9]{16}");
    }

    @Test
    void hashesTokensWithSha256() {
        assertThat(Tokens.hash("abc")).isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assertThat(Tokens.same("aa", "aa")).isTrue();
        assertThat(Tokens.same("aa", "ab")).isFalse();
        assertThat(Tokens.same("aa", "aaa")).isFalse();
    }

    @Test
    void knowsAPasswordAgainAndNoOther() {
        int rounds = new SmallRyeConfigBuilder()
                .withMapping(ProvisioningConfig.Operator.class, "operator")
                .build()
                .getConfigMapping(ProvisioningConfig.Operator.class, "operator")
                .passwordRounds();
        String hash = PasswordHash.of("correct horse battery", rounds);

        assertThat(hash).startsWith("pbkdf2-sha512$210000$").doesNotContain("horse");
        assertThat(PasswordHash.hasRounds(hash, 210_000)).isTrue();
        assertThat(PasswordHash.hasRounds(hash, 21_000)).isFalse();
        assertThat(PasswordHash.matches("correct horse battery", hash)).isTrue();
        assertThat(PasswordHash.matches("correct horse batterz", hash)).isFalse();
        assertThat(PasswordHash.matches("", hash)).isFalse();
        assertThat(PasswordHash.of("correct horse battery", rounds)).isNotEqualTo(hash);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "plain", "md5$1$00$00", "pbkdf2-sha512$1$00"})
    void matchesNothingWithAHashItDoesNotKnow(String hash) {
        assertThat(PasswordHash.matches("anything", hash)).isFalse();
    }

    /** Made with openssl, as README.md says. */
    @Test
    void checksAProofAsADeviceMakesIt() {
        String time = "2026-11-23T12:00:00.000Z";
        String mac = "1e87122e25ed554dab8a16ba2601750d60fbfcb6b62a2a183f1da67b53c59a27";

        assertThat(SecretProofs.prove("x", "ABCDEF1234", time)).isEqualTo(mac);
        assertThat(SecretProofs.check(Tokens.hash("x"), "ABCDEF1234", new Registration.Proof(time, mac)))
                .isEqualTo(new SecretProof.Right(Instant.parse(time)));
        assertThat(SecretProofs.check(Tokens.hash("x"), "ABCDEF1235", new Registration.Proof(time, mac)))
                .isEqualTo(new SecretProof.Wrong());
        assertThat(SecretProofs.check(Tokens.hash("y"), "ABCDEF1234", new Registration.Proof(time, "é")))
                .isEqualTo(new SecretProof.Wrong());
    }
}
