package io.mooring.audit.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrailKeyTest {
    private static final Instant END = Instant.parse("2026-09-01T10:00:07Z");
    private static final TrailLayout LAYOUT =
            new TrailLayout("123456789012", "local-1", "main_trail", "trail-bucket", "some/prefix/");

    @Test
    void namesObjectsAsCloudTrailDoes() {
        assertThat(LAYOUT.digestKey(END))
                .isEqualTo("some/prefix/AWSLogs/123456789012/CloudTrail-Digest/local-1/2026/09/01/"
                        + "123456789012_CloudTrail-Digest_local-1_main_trail_local-1_20260901T100007Z.json.gz");
        assertThat(LAYOUT.logKey(END, "ABCDEFGHabcdefgh"))
                .isEqualTo("some/prefix/AWSLogs/123456789012/CloudTrail/local-1/2026/09/01/"
                        + "123456789012_CloudTrail_local-1_20260901T1000Z_ABCDEFGHabcdefgh.json.gz");
    }

    @Test
    void readsWhatTheLayoutWrites() {
        for (String key : new String[] {LAYOUT.digestKey(END), LAYOUT.signatureKey(END), LAYOUT.timestampKey(END)}) {
            assertThat(TrailKey.of(key)).hasValueSatisfying(read -> {
                assertThat(read.layout("trail-bucket")).isEqualTo(LAYOUT);
                assertThat(read.time()).isEqualTo(END);
            });
        }
        assertThat(TrailKey.of(LAYOUT.logKey(END, "ABCDEFGHabcdefgh")))
                .hasValueSatisfying(read -> assertThat(read.time()).isEqualTo(Instant.parse("2026-09-01T10:00:00Z")));
        assertThat(TrailKey.of(LAYOUT.publicKeyKey("0".repeat(64)))).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "AWSLogs/123456789012/CloudTrail/local-1/2026/09/01/x.json.gz",
                // Another day, another account, another folder than the name says; no such second.
                "AWSLogs/123456789012/CloudTrail-Digest/local-1/2026/09/02/123456789012_CloudTrail-Digest_local-1_main_local-1_20260901T100007Z.json.gz",
                "AWSLogs/123456789012/CloudTrail-Digest/local-1/2026/09/01/123456789013_CloudTrail-Digest_local-1_main_local-1_20260901T100007Z.json.gz",
                "AWSLogs/123456789012/CloudTrail/local-1/2026/09/01/123456789012_CloudTrail-Digest_local-1_main_local-1_20260901T100007Z.json.gz",
                "AWSLogs/123456789012/CloudTrail-Digest/local-1/2026/09/01/123456789012_CloudTrail-Digest_local-1_main_local-1_20260901T100099Z.json.gz"
            })
    void takesNothingElseForOne(String key) {
        assertThat(TrailKey.of(key)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"12345678901, local-1, trail", "123456789012, eu_west, trail", "123456789012, local-1, a/b"})
    void refusesNamesThatAwsToolsDoNotTake(String account, String region, String trail) {
        assertThatThrownBy(() -> new TrailLayout(account, region, trail, "bucket", ""))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
