package io.mooring.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.mooring.agent.AgentConfig;
import io.mooring.agent.AgentEvent;
import io.mooring.agent.AgentState;
import io.mooring.agent.DeviceAgent;
import io.mooring.agent.Schemas;
import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Devstack;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A device was away until its certificate had ended: it comes back by itself, with what it wrote meanwhile, through every
 * part on its way. In a cloud of its own, whose certificates live for seconds.
 */
@OwnCloud
class ExpiredDeviceIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration LIFE = Duration.ofSeconds(12);

    @Test
    void comesBackByItself(@TempDir Path folder) throws Exception {
        try (Devstack stack = Devstack.builder()
                .brief()
                .with(Component.PROVISIONING, Component.BROKER, Component.CONNECT, Component.SYNC)
                .environment(
                        Component.CERTIFICATE_AUTHORITY,
                        Map.of(
                                "MOORING_CERTIFICATES_DEVICE_LIFETIME",
                                LIFE.toSeconds() + "s",
                                "MOORING_CERTIFICATES_BACKDATE",
                                "1s"))
                .start()) {
            CloudAccess cloud = CloudAccess.of(stack);
            String product;
            try (OperatorApi operator = new OperatorApi(cloud)) {
                operator.putSchema("main", Schemas.demoSource());
                product = operator.createProduct("brief");
            }
            AgentConfig config = AgentConfig.of(cloud.deviceApi(), product, folder.resolve("device"))
                    .owner("main", "main")
                    .authority(cloud.authority())
                    .schema(Schemas.demo())
                    .retries(Duration.ofMillis(200), Duration.ofSeconds(2))
                    .renewAt(0.99)
                    .build();
            String key;
            X509Certificate ended;
            try (DeviceAgent device = DeviceAgent.open(config, event -> {})) {
                assertThat(device.start().await(AgentState.READY, SOON)).isTrue();
                device.goOffline();
                assertThat(device.await(AgentState.OFFLINE, SOON)).isTrue();
                key = device.rows().put("Store", Map.of("key", "meanwhile", "value", 7, "type", "number"));
                ended = RotationIT.certificate(device);
            }
            await().atMost(SOON)
                    .until(() -> Instant.now().isAfter(ended.getNotAfter().toInstant()));

            List<AgentEvent> events = new CopyOnWriteArrayList<>();
            try (DeviceAgent device = DeviceAgent.open(config, events::add)) {
                assertThat(device.start().await(AgentState.READY, SOON)).isTrue();
                await().atMost(SOON).until(() -> device.backlog() == 0);

                X509Certificate next = RotationIT.certificate(device);
                assertThat(next.getSerialNumber()).isNotEqualTo(ended.getSerialNumber());
                assertThat(next.getPublicKey()).isNotEqualTo(ended.getPublicKey());
            }
            assertThat(events)
                    .filteredOn(AgentEvent.RowAcknowledged.class::isInstance)
                    .anyMatch(
                            event -> ((AgentEvent.RowAcknowledged) event).key().equals(key));
            // It was never anything but this device: it neither registered again nor lost its token.
            assertThat(events)
                    .filteredOn(AgentEvent.StateChanged.class::isInstance)
                    .noneMatch(event -> ((AgentEvent.StateChanged) event).state() == AgentState.REGISTERING);
            assertThat(Files.exists(config.data().resolve("membership.next.json")))
                    .isFalse();
        }
    }
}
