package io.mooring.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BridgeConfigTest {
    @TempDir
    private Path folder;

    @Test
    void environmentWinsOverFile() throws IOException {
        Path file = folder.resolve("bridge.properties");
        Files.writeString(file, "topics.prefix=fromfile\nnode.id=node-7\nkafka.security.protocol=SSL\n");

        BridgeConfig config = BridgeConfig.read(
                file,
                Map.of(
                        "MOORING_BRIDGE_TOPICS_PREFIX", "fromenvironment",
                        "MOORING_BRIDGE_KAFKA_BOOTSTRAP_SERVERS", "kafka:9092",
                        "MOORING_BRIDGE_ACK", "sdk"));

        assertThat(config.topicsPrefix()).isEqualTo("fromenvironment");
        assertThat(config.nodeId()).isEqualTo("node-7");
        assertThat(config.acknowledgement()).isEqualTo(BridgeConfig.Acknowledgement.SDK);
        assertThat(config.kafka())
                .containsEntry("bootstrap.servers", "kafka:9092")
                .containsEntry("security.protocol", "SSL");
    }

    @Test
    void namesSettingThatIsWrong() {
        assertThatThrownBy(() -> BridgeConfig.of(Map.of("connect.wait.ms", "soon")))
                .hasMessageContaining("connect.wait.ms");
        assertThatThrownBy(() -> BridgeConfig.of(Map.of("uplink.delivery.timeout.ms", "1")))
                .hasMessageContaining("uplink.delivery.timeout.ms");
        assertThatThrownBy(() -> BridgeConfig.of(Map.of("ack", "early"))).hasMessageContaining("ack");
        assertThatThrownBy(() -> BridgeConfig.of(Map.of("topics.prefix", "a b")))
                .hasMessageContaining("topics.prefix");
    }

    @Test
    void fileThatShipsHoldsTheDefaults() throws IOException {
        Path shipped = Path.of("src/main/extension/conf/bridge.properties");
        Properties properties = new Properties();
        properties.load(Files.newBufferedReader(shipped));

        assertThat(BridgeConfig.read(shipped, Map.of())).isEqualTo(BridgeConfig.of(Map.of()));
        assertThat(properties).isNotEmpty();
    }
}
