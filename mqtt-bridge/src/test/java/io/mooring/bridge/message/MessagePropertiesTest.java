package io.mooring.bridge.message;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.extension.sdk.api.packets.general.Qos;
import io.mooring.bridge.message.MessageProperties.User;
import java.util.List;
import org.junit.jupiter.api.Test;

class MessagePropertiesTest {
    private static final MessageProperties SAID = new MessageProperties(
            Qos.AT_MOST_ONCE,
            true,
            null,
            "answers",
            new byte[] {1},
            "text/plain",
            true,
            List.of(
                    new User("traceparent", "first"),
                    new User("a", "1"),
                    new User("traceparent", "second"),
                    new User("mooring-trace", "nobody else's")));

    @Test
    void saysTheFirstOfAName() {
        assertThat(SAID.user("traceparent")).isEqualTo("first");
        assertThat(SAID.user("a")).isEqualTo("1");
        assertThat(SAID.user("b")).isNull();
    }

    @Test
    void letsNobodySayTheBridgesOwn() {
        assertThat(SAID.user("mooring-trace")).isNull();
    }

    @Test
    void changesOneAndKeepsTheRest() {
        MessageProperties changed = SAID.with("traceparent", "third");

        assertThat(changed.user()).containsExactly(new User("a", "1"), new User("traceparent", "third"));
        assertThat(changed).usingRecursiveComparison().ignoringFields("user").isEqualTo(SAID);
        assertThat(MessageProperties.NONE.with("traceparent", "third").user())
                .containsExactly(new User("traceparent", "third"));
    }
}
