package io.mooring.agent.enrol;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class DeviceSecretTest {
    /** The proof was made with {@code openssl dgst}, as services/provisioning/README.md shows. */
    @Test
    void provesWithoutSayingIt() {
        DeviceSecret secret = new DeviceSecret("correct horse battery staple");
        ObjectNode registration = JsonMapper.builder().build().createObjectNode();

        secret.prove(registration, "ABCDEF1234", Instant.parse("2026-11-23T12:00:00.123456Z"));

        assertThat(registration.path("secretHash").asText())
                .isEqualTo("c4bbcb1fbec99d65bf59d85c8cb62ee2db963f0fe106f483d9afa73bd4e39a8a");
        assertThat(registration.path("proof").path("time").asText()).isEqualTo("2026-11-23T12:00:00.123Z");
        assertThat(registration.path("proof").path("mac").asText())
                .isEqualTo("c7bd24c0e187f9468e5c4bf276fe52d16fc17e3e7b604a41c608d85f0c926b78");
        assertThat(registration.toString() + secret).doesNotContain("horse");
    }
}
