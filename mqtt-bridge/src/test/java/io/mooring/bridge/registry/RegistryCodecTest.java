package io.mooring.bridge.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryCodecTest {
    private static DeviceEntry read(String json) throws IOException {
        return new RegistryCodec().read("D1", json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void readsWhatServicesWriteAndIgnoresWhatItDoesNotKnow() throws IOException {
        assertThat(read("""
                                {"device":"D1","cloud":"main","account":"acct1","product":"p","state":"active","new":{"a":[1,{}]},
                                 "certificates":["%s","%s"],"updated":"2026-11-23T00:00:00.000Z","n":null}""".formatted("a".repeat(64), "b".repeat(64))))
                .isEqualTo(new DeviceEntry(
                        "D1",
                        "main",
                        "acct1",
                        "p",
                        DeviceEntry.State.ACTIVE,
                        Set.of(Fingerprint.ofHex("a".repeat(64)), Fingerprint.ofHex("b".repeat(64)))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{\"device\":\"D1\"",
                "{\"device\":\"D2\",\"cloud\":\"c\",\"account\":\"a\",\"state\":\"active\"}",
                "{\"device\":\"D1\",\"account\":\"a\",\"state\":\"active\"}",
                "{\"device\":\"D1\",\"cloud\":\"c/#\",\"account\":\"a\",\"state\":\"active\"}",
                "{\"device\":\"D1\",\"cloud\":\"c\",\"account\":\"a\",\"state\":\"alive\"}",
                "{\"device\":\"D1\",\"cloud\":\"c\",\"account\":\"a\",\"state\":\"active\",\"certificates\":[1]}",
                "{\"device\":\"D1\",\"cloud\":\"c\",\"account\":\"a\",\"state\":\"active\",\"certificates\":[\"aa\"]}"
            })
    void refusesWhatIsNoRegistryRecord(String json) {
        assertThatThrownBy(() -> read(json)).isInstanceOf(IOException.class);
    }
}
