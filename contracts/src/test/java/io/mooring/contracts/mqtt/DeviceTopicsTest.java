package io.mooring.contracts.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceTopicsTest {
    @ParameterizedTest
    @CsvSource({
        "ioto/service/D1/db/syncDown, db/syncDown",
        "$aws/rules/IotoDevice/ioto/service/D1/metric/set, metric/set",
        "ioto/service/D1/store/get/17, store/get/17",
        "$aws/things/D1/shadow/get, $aws/shadow/get",
        "$aws/things/D1/shadow/name/$a:b_c-1/update, $aws/shadow/name/$a:b_c-1/update",
        "$aws/things/D1/shadow/name/name/delete, $aws/shadow/name/name/delete",
    })
    void takesWhatADeviceTellsBelowItsOwnTopic(String topic, String told) {
        assertThat(DeviceTopics.uplink("D1", topic)).contains(told);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ioto/service/D2/db/syncDown",
                "ioto/service/D11/db/syncDown",
                "ioto/service/D1",
                "ioto/service/D1/",
                "ioto/device/D1/sync/SYNC",
                "$aws/rules/Other/ioto/service/D1/x",
                "$aws/rules/IotoDevice/$aws/rules/IotoDevice/ioto/service/D1/x",
                "IOTO/service/D1/x",
                "$aws/things/D2/shadow/get",
                "$aws/things/D11/shadow/get",
                "$aws/things/D1/shadow",
                "$aws/things/D1/shadow/",
                "$aws/things/D1/shadow/get/accepted",
                "$aws/things/D1/shadow/update/documents",
                "$aws/things/D1/shadow/name/x",
                "$aws/things/D1/shadow/name//get",
                "$aws/things/D1/shadow/name/a.b/get",
                "$aws/things/D1/shadow/name/a/b/get",
                "$aws/things/D1/jobs/get",
                "$aws/rules/IotoDevice/$aws/things/D1/shadow/get"
            })
    void deniesEverythingElse(String topic) {
        assertThat(DeviceTopics.uplink("D1", topic)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ioto/device/D1/#",
                "ioto/device/D1/sync/+",
                "ioto/account/all/#",
                "ioto/account/acme/#",
                "$aws/things/D1/shadow/name/x/get/accepted"
            })
    void aDeviceHearsItselfItsAccountAndEverybody(String filter) {
        assertThat(DeviceTopics.maySubscribe("D1", "acme", filter)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "#",
                "ioto/#",
                "ioto/device/+/#",
                "ioto/device/D2/#",
                "ioto/device/D1",
                "ioto/account/+/#",
                "ioto/account/other/#",
                "$share/g/ioto/device/D1/#",
                "$SYS/#"
            })
    void aDeviceHearsNothingElse(String filter) {
        assertThat(DeviceTopics.maySubscribe("D1", "acme", filter)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"device/D1, ioto/device/D1/x", "account/acme, ioto/account/acme/x", "account/all, ioto/account/all/x"})
    void receiversKeepTheirTextForm(String text, String topic) {
        assertThat(Receiver.parse(text)).hasValueSatisfying(receiver -> {
            assertThat(receiver).hasToString(text);
            assertThat(receiver.topic("x")).isEqualTo(topic);
        });
    }

    @ParameterizedTest
    @CsvSource({"'', GET, $aws/shadow/get", "x, DELETE, $aws/shadow/name/x/delete"})
    void shadowTopicsKeepTheirTextForm(String shadow, ShadowTopic.Operation operation, String tail) {
        ShadowTopic topic = new ShadowTopic(shadow, operation);

        assertThat(topic.tail()).isEqualTo(tail);
        assertThat(ShadowTopic.parse(tail)).contains(topic);
        assertThat(new Receiver.Device("D1").topic(topic.tail("accepted")))
                .isEqualTo("$aws/things/D1/" + tail.substring("$aws/".length()) + "/accepted");
    }

    @Test
    void aShadowsNameIsAtMost64Long() {
        assertThat(ShadowTopic.isName("x".repeat(64))).isTrue();
        assertThat(ShadowTopic.isName("x".repeat(65))).isFalse();
        assertThat(ShadowTopic.isName("")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "device", "device/", "device/a/b", "device/+", "planet/D1", "account/#"})
    void refusesWhatIsNoReceiver(String text) {
        assertThat(Receiver.parse(text)).isEmpty();
    }
}
