package io.mooring.bridge.downlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mooring.bridge.message.InvalidRecordException;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.mqtt.Receiver;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class DownlinkCodecTest {
    private static ConsumerRecord<byte[], byte[]> message(Map<String, String> headers) {
        ConsumerRecord<byte[], byte[]> message = new ConsumerRecord<>("t", 0, 0, new byte[0], new byte[] {7});
        headers.forEach((name, value) -> message.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        return message;
    }

    private static Map<String, String> headers(String cloud, String subject, String tail) {
        return Map.of(EventHeaders.CLOUD, cloud, EventHeaders.SUBJECT, subject, EventHeaders.TOPIC, tail);
    }

    @Test
    void readsReceiverAndTopic() throws InvalidRecordException {
        Downlink downlink = DownlinkCodec.read(message(headers("main", "account/acct1", "sync/MODIFY")));

        assertThat(downlink.cloud()).isEqualTo("main");
        assertThat(downlink.receiver()).isEqualTo(new Receiver.Account("acct1"));
        assertThat(downlink.message().topic()).isEqualTo("ioto/account/acct1/sync/MODIFY");
        assertThat(downlink.message().payload()).containsExactly(7);
        assertThat(downlink.except()).isEmpty();
    }

    @Test
    void readsWhoIsNotToHearIt() throws InvalidRecordException {
        ConsumerRecord<byte[], byte[]> message = message(headers("main", "account/all", "sync/MODIFY"));
        message.headers().add(EventHeaders.EXCEPT, "A,B".getBytes(StandardCharsets.UTF_8));

        assertThat(DownlinkCodec.read(message).except()).containsExactlyInAnyOrder("A", "B");
    }

    @Test
    void namesWhatIsWrong() {
        assertThatThrownBy(() -> DownlinkCodec.read(message(Map.of()))).hasMessageContaining("ce_cloud");
        assertThatThrownBy(() -> DownlinkCodec.read(message(headers("main", "somebody", "x"))))
                .hasMessageContaining("ce_subject");
        assertThatThrownBy(() -> DownlinkCodec.read(message(headers("main", "device/a/b", "x"))))
                .hasMessageContaining("ce_subject");
        assertThatThrownBy(() -> DownlinkCodec.read(message(headers("main", "device/a", "x/#"))))
                .hasMessageContaining("ce_topic");
    }
}
