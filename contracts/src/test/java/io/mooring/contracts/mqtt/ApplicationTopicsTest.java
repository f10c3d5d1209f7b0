package io.mooring.contracts.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApplicationTopicsTest {
    @ParameterizedTest
    @CsvSource({
        "a/b, a/b, true",
        "a/b, a/c, false",
        "a/b, a, false",
        "a, a/b, false",
        "+, a, true",
        "+, a/b, false",
        "a/+/c, a/b/c, true",
        "a/+/c, a/b/d, false",
        "a/+, a/b/c, false",
        "a/#, a, true",
        "a/#, a/b/c, true",
        "a/#, ab, false",
        "#, a/b, true",
        "+/b, a/b, true",
        "app/+/status, app/DEV1/status, true",
        "app/+/#, app/DEV1, true",
    })
    void matchesAsMqttSays(String filter, String topic, boolean matches) {
        assertThat(TopicFilter.matches(filter, topic)).isEqualTo(matches);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "a//b", "a/", "a#", "#/a", "a+/b", "+a", "a\u0000"})
    void knowsWhatIsNoFilter(String filter) {
        assertThat(TopicFilter.isValid(filter)).isFalse();
    }

    @Test
    void readsDataTopics() {
        assertThat(ApplicationTopics.parse("app/DEV1/a/b")).contains(new ApplicationTopics.Data("DEV1", "a/b"));
        assertThat(ApplicationTopics.parse("app/DEV1/")).isEmpty();
        assertThat(ApplicationTopics.parse("app/DEV1")).isEmpty();
        assertThat(ApplicationTopics.parse("app/DEV1/+")).isEmpty();
        assertThat(ApplicationTopics.parse("app/DE V/a")).isEmpty();
        assertThat(ApplicationTopics.parse("apps/DEV1/a")).isEmpty();
    }

    @Test
    void takesSharedSubscriptionsApart() {
        assertThat(ApplicationTopics.subscription("$share/workers/app/+/a"))
                .contains(new ApplicationTopics.Subscription("workers", "app/+/a"));
        assertThat(ApplicationTopics.subscription("app/+/a"))
                .contains(new ApplicationTopics.Subscription("", "app/+/a"));
        assertThat(ApplicationTopics.subscription("$share/workers")).isEmpty();
        assertThat(ApplicationTopics.subscription("$share//a")).isEmpty();
        assertThat(ApplicationTopics.subscription("$share/a b/a")).isEmpty();
    }

    @Test
    void letsApplicationsHearDataAndThemselves() {
        assertThat(ApplicationTopics.maySubscribe("app1", "app/#")).isTrue();
        assertThat(ApplicationTopics.maySubscribe("app1", "app/+/status")).isTrue();
        assertThat(ApplicationTopics.maySubscribe("app1", "application/app1/#")).isTrue();
        assertThat(ApplicationTopics.maySubscribe("app1", "application/app2/#")).isFalse();
        assertThat(ApplicationTopics.maySubscribe("app1", "application/#")).isFalse();
        assertThat(ApplicationTopics.maySubscribe("app1", "#")).isFalse();
        assertThat(ApplicationTopics.maySubscribe("app1", "+/DEV1/a")).isFalse();
        assertThat(ApplicationTopics.maySubscribe("app1", "ioto/device/DEV1/#")).isFalse();
    }

    @Test
    void letsApplicationsUseShadows() {
        assertThat(ApplicationTopics.maySubscribe("app1", "$aws/things/+/shadow/update/delta"))
                .isTrue();
        assertThat(ApplicationTopics.maySubscribe("app1", "$aws/things/DEV1/shadow/#"))
                .isTrue();
        assertThat(ApplicationTopics.maySubscribe("app1", "$aws/things/#")).isFalse();
        assertThat(ApplicationTopics.maySubscribe("app1", "$aws/things/DEV1/jobs/#"))
                .isFalse();
        assertThat(ApplicationTopics.shadow("$aws/things/DEV1/shadow/name/a/update"))
                .contains(new ApplicationTopics.Shadow("DEV1", new ShadowTopic("a", ShadowTopic.Operation.UPDATE)));
        assertThat(ApplicationTopics.shadow("$aws/things/DEV1/shadow/update/delta"))
                .isEmpty();
        assertThat(ApplicationTopics.shadow("$aws/things/+/shadow/update")).isEmpty();
    }

    @Test
    void letsDevicesHearTheirOwn() {
        assertThat(ApplicationTopics.mayDeviceSubscribe("DEV1", "app/DEV1/#")).isTrue();
        assertThat(ApplicationTopics.mayDeviceSubscribe("DEV1", "app/+/a")).isFalse();
        assertThat(ApplicationTopics.mayDeviceSubscribe("DEV1", "app/DEV2/a")).isFalse();
    }
}
