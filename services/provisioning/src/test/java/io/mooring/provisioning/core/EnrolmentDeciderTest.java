package io.mooring.provisioning.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.provisioning.core.EnrolmentDecider.Credential;
import io.mooring.provisioning.core.EnrolmentDecider.Permit;
import io.mooring.provisioning.core.EnrolmentDecider.Request;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnrolmentDeciderTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final Duration GRACE = Duration.ofDays(90);
    private static final Product.Rules OWN_KEYS = new Product.Rules(false, false);
    private static final Product.Rules CLOUD_MADE = new Product.Rules(true, false);
    private static final Credential TOKEN = new Credential.Token("t1");
    private static final Credential CERTIFICATE = new Credential.Certificate("f1");
    private static final byte[] REQUEST = {0x30, 1, 2, 3};

    private static final Identity ID = new Identity("ABCDEF1234", "PRODUCT", Description.NONE, NOW, Optional.empty());
    private static final Owner ACME = new Owner("main", "acme");

    @Test
    void makesKeysOnlyWhereTheProductSaysSoAndOnlyForAToken() {
        Device claimed = new Device.Claimed(ID, ACME, List.of("t1"), NOW);
        Request without = new Request(TOKEN, Optional.empty(), Optional.empty());

        assertThat(code(claimed, CLOUD_MADE, without)).isEmpty();
        assertThat(code(claimed, OWN_KEYS, without)).isEqualTo("csr_needed");
        assertThat(code(device("", -1), CLOUD_MADE, new Request(CERTIFICATE, Optional.empty(), Optional.empty())))
                .isEqualTo("csr_needed");
    }

    @ParameterizedTest
    @CsvSource({
        // days since the end, by token alone, by its certificate
        "-1, '', ''",
        "0, renewal_needed, ''",
        "89, renewal_needed, ''",
        "90, renewal_needed, ''",
        "91, grace_over, grace_over",
    })
    void asksAnExpiredDeviceForItsKeyWhileTheGraceLasts(int days, String byToken, String byCertificate) {
        Device device = device("", days);

        assertThat(code(device, OWN_KEYS, request(TOKEN, Optional.empty()))).isEqualTo(byToken);
        assertThat(code(device, OWN_KEYS, request(CERTIFICATE, Optional.empty())))
                .isEqualTo(byCertificate);
    }

    @Test
    void sparesADeviceWithKeysMadeHere() {
        assertThat(code(device("", 200), CLOUD_MADE, new Request(TOKEN, Optional.empty(), Optional.empty())))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"EC", "RSA"})
    void takesAProofByTheKeyOfACertificateInHand(String algorithm) throws Exception {
        KeyPair key = key(algorithm);
        Device device = device(text(key.getPublic().getEncoded()), 10);

        assertThat(outcome(device, OWN_KEYS, request(TOKEN, Optional.of(renewal("f1", key)))))
                .isInstanceOfSatisfying(
                        Outcome.Done.class,
                        done -> assertThat(((Permit) done.value()).provenWith()).contains("f1"));
        assertThat(code(device, OWN_KEYS, request(TOKEN, Optional.of(renewal("f1", key(algorithm))))))
                .isEqualTo("wrong_renewal");
        assertThat(code(device, OWN_KEYS, request(TOKEN, Optional.of(renewal("f2", key)))))
                .isEqualTo("unknown_certificate");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "!", "AAAA"})
    void takesNoProofItCannotRead(String signature) throws Exception {
        Device device = device(text(key("EC").getPublic().getEncoded()), 10);
        Renewal renewal = new Renewal("f1", signature, text(REQUEST));

        assertThat(code(device, OWN_KEYS, request(TOKEN, Optional.of(renewal)))).isEqualTo("wrong_renewal");
        assertThat(code(device("", 10), OWN_KEYS, request(TOKEN, Optional.of(renewal))))
                .isEqualTo("wrong_renewal");
    }

    @Test
    void keepsTheCertificateThatWasProvenBesideTheNewOne() {
        Device.Provisioned device = new Device.Provisioned(
                ID, ACME, List.of("t1"), List.of(certificate("f2", "", -1), certificate("f1", "", -1)), NOW);
        CertificateReference next = certificate("f3", "", -300);
        DeviceCommand command = new DeviceCommand.Provision(next, Optional.empty(), Optional.of("f1"), NOW);

        Outcome<Change> outcome = DeviceDecider.decide(Optional.of(device), command);

        assertThat(outcome).isInstanceOfSatisfying(Outcome.Done.class, done -> {
            Change change = (Change) done.value();
            assertThat(((Device.Owned) change.device()).certificates())
                    .extracting(CertificateReference::fingerprint)
                    .containsExactly("f3", "f1");
            assertThat(((Device.Owned) change.device()).tokens()).containsExactly("t1");
            assertThat(change.revocations()).extracting(Revocation::serial).containsExactly("serial of f2");
        });
    }

    private static Device device(String publicKey, int endedDaysAgo) {
        return new Device.Provisioned(
                ID, ACME, List.of("t1"), List.of(certificate("f1", publicKey, endedDaysAgo)), NOW);
    }

    private static CertificateReference certificate(String fingerprint, String publicKey, int endedDaysAgo) {
        return new CertificateReference(
                "serial of " + fingerprint, fingerprint, NOW.minus(Duration.ofDays(endedDaysAgo)), publicKey);
    }

    private static Request request(Credential shown, Optional<Renewal> renewal) {
        return new Request(shown, Optional.of("a request"), renewal);
    }

    private static KeyPair key(String algorithm) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        generator.initialize(algorithm.equals("EC") ? 256 : 2048);
        return generator.generateKeyPair();
    }

    private static Renewal renewal(String fingerprint, KeyPair signer) throws Exception {
        boolean ec = signer.getPrivate().getAlgorithm().equals("EC");
        Signature signature = Signature.getInstance(ec ? "SHA256withECDSA" : "SHA256withRSA");
        signature.initSign(signer.getPrivate());
        signature.update(REQUEST);
        return new Renewal(fingerprint, text(signature.sign()), text(REQUEST));
    }

    private static String text(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static Outcome<Permit> outcome(Device device, Product.Rules rules, Request request) {
        return EnrolmentDecider.decide(device, rules, request, GRACE, NOW);
    }

    private static String code(Device device, Product.Rules rules, Request request) {
        return outcome(device, rules, request) instanceof Outcome.Refused<Permit>(Refusal refusal)
                ? refusal.code()
                : "";
    }
}
