package io.mooring.certificates.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class IssuanceDeciderTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final Validity ISSUER =
            new Validity(Instant.parse("2026-01-01T00:00:00Z"), Instant.parse("2036-01-01T00:00:00Z"));
    private static final Purpose DEVICE = new Purpose.Device("main", "ABCDEF1234");
    private static final KeyFacts P256 = new KeyFacts.EllipticCurve("P-256");

    private final IssuanceDecider decider = new IssuanceDecider(
            new IssuanceRules(Duration.ofDays(365), Duration.ofDays(398), Duration.ofDays(14), Duration.ofMinutes(5)));

    @Test
    void plansADevicesCertificate() {
        Outcome<CertificatePlan> outcome = decider.onRequest(DEVICE, request("ABCDEF1234", P256), ISSUER, NOW);

        assertThat(outcome)
                .isEqualTo(Outcome.done(new CertificatePlan(
                        DEVICE,
                        new Validity(Instant.parse("2026-11-23T11:55:00Z"), Instant.parse("2027-11-23T12:00:00Z")),
                        false)));
    }

    @ParameterizedTest
    @MethodSource
    void refusesASubjectThatIsNotTheDevice(List<String> commonNames) {
        RequestFacts request = new RequestFacts(commonNames, P256);

        assertThat(codeOf(decider.onRequest(DEVICE, request, ISSUER, NOW))).isEqualTo("wrong_subject");
    }

    static Stream<List<String>> refusesASubjectThatIsNotTheDevice() {
        return Stream.of(
                List.of(),
                List.of("ABCDEF1235"),
                List.of("abcdef1234"),
                List.of("ABCDEF1234", "ABCDEF1234"),
                List.of("ABCDEF1234", "OTHER00000"));
    }

    @Test
    void asksNoSubjectOfAServer() {
        Purpose server = new Purpose.Server(List.of(new ServerName.Dns("localhost")));

        assertThat(decider.onRequest(server, request("whatever", P256), ISSUER, NOW))
                .isInstanceOf(Outcome.Done.class);
    }

    @ParameterizedTest
    @MethodSource
    void takesOnlyKeysThatAreStrongEnough(KeyFacts key, String code) {
        assertThat(codeOf(decider.onRequest(DEVICE, request("ABCDEF1234", key), ISSUER, NOW)))
                .isEqualTo(code);
    }

    static Stream<Arguments> takesOnlyKeysThatAreStrongEnough() {
        return Stream.of(
                Arguments.of(new KeyFacts.EllipticCurve("P-256"), ""),
                Arguments.of(new KeyFacts.EllipticCurve("P-384"), ""),
                Arguments.of(new KeyFacts.EllipticCurve("P-521"), "unsupported_key"),
                Arguments.of(new KeyFacts.EllipticCurve("secp256k1"), "unsupported_key"),
                Arguments.of(new KeyFacts.Rsa(2048, 17), ""),
                Arguments.of(new KeyFacts.Rsa(4096, 17), ""),
                Arguments.of(new KeyFacts.Rsa(2047, 17), "weak_key"),
                Arguments.of(new KeyFacts.Rsa(1024, 17), "weak_key"),
                Arguments.of(new KeyFacts.Rsa(2048, 2), "weak_key"),
                Arguments.of(new KeyFacts.Rsa(2048, 257), "weak_key"),
                Arguments.of(new KeyFacts.Rsa(4097, 17), "unsupported_key"),
                Arguments.of(new KeyFacts.Other("1.3.101.112"), "unsupported_key"));
    }

    @Test
    void letsOnlyRsaServersWrapKeys() {
        Purpose server = new Purpose.Server(List.of(new ServerName.Dns("localhost")));
        KeyFacts rsa = new KeyFacts.Rsa(2048, 17);

        assertThat(plan(decider.onRequest(server, request("x", rsa), ISSUER, NOW))
                        .keyEncipherment())
                .isTrue();
        assertThat(plan(decider.onRequest(server, request("x", P256), ISSUER, NOW))
                        .keyEncipherment())
                .isFalse();
        assertThat(plan(decider.onRequest(DEVICE, request("ABCDEF1234", rsa), ISSUER, NOW))
                        .keyEncipherment())
                .isFalse();
    }

    @Test
    void refusesWhenTheIssuerHasExpired() {
        Instant late = ISSUER.notAfter();

        assertThat(codeOf(decider.onRequest(DEVICE, request("ABCDEF1234", P256), ISSUER, late)))
                .isEqualTo("authority_expired");
        assertThat(codeOf(decider.onKeyMadeHere(DEVICE, ISSUER, late))).isEqualTo("authority_expired");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Main", "1main", "ma-in", "main/..", "ma in", "äöü", "a\u0000b"})
    void refusesWhatIsNoCloud(String cloud) {
        assertThat(codeOf(IssuanceDecider.device(cloud, "ABCDEF1234"))).isEqualTo("bad_cloud");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A/B", "A+", "#", "A B", "A\nB", "é", "A,O=Evil"})
    void refusesWhatIsNoDevice(String id) {
        assertThat(codeOf(IssuanceDecider.device("main", id))).isEqualTo("bad_device");
    }

    @Test
    void readsEachServerNameOnce() {
        assertThat(IssuanceDecider.server(List.of("LocalHost", "localhost", "127.0.0.1", "::1", "*.example.org")))
                .isEqualTo(Outcome.done(new Purpose.Server(List.of(
                        new ServerName.Dns("localhost"),
                        new ServerName.Address("127.0.0.1"),
                        new ServerName.Address("::1"),
                        new ServerName.Dns("*.example.org")))));
    }

    @Test
    void refusesServersWithoutNamesOrWithTooMany() {
        assertThat(codeOf(IssuanceDecider.server(List.of()))).isEqualTo("bad_name");
        assertThat(codeOf(IssuanceDecider.server(
                        Stream.generate(() -> "a.example").limit(33).toList())))
                .isEqualTo("bad_name");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "a..b",
                "-a.example",
                "a-.example",
                "a_b.example",
                "*",
                "*.*.example",
                "a.*.example",
                "256.1.1.1",
                "1.2.3",
                ":::",
                "1::2::3",
                "12345::",
                ":1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "fe80::1%eth0",
                "a.example\u0000.evil",
                "http://a"
            })
    void refusesWhatIsNoServerName(String name) {
        assertThat(codeOf(IssuanceDecider.server(List.of(name)))).isEqualTo("bad_name");
    }

    private static RequestFacts request(String commonName, KeyFacts key) {
        return new RequestFacts(List.of(commonName), key);
    }

    private static CertificatePlan plan(Outcome<CertificatePlan> outcome) {
        return ((Outcome.Done<CertificatePlan>) outcome).value();
    }

    private static String codeOf(Outcome<?> outcome) {
        return outcome instanceof Outcome.Refused<?>(Refusal refusal) ? refusal.code() : "";
    }
}
