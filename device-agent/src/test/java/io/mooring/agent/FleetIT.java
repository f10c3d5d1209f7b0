package io.mooring.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.mooring.contracts.schema.SyncSchema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many devices in one process. */
@Timeout(180)
class FleetIT {
    private static final int DEVICES = Integer.getInteger("fleet.devices", 40);
    private static final Duration SOON = Duration.ofSeconds(120);

    @Test
    void manyDevicesJoinLeaveAndComeBackInStep(@TempDir Path folder) throws Exception {
        AtomicInteger acknowledged = new AtomicInteger();
        try (TestCloud cloud = new TestCloud(folder);
                Fleet fleet = Fleet.open(
                        DEVICES,
                        cloud.authorityFile,
                        2,
                        i -> Fleet.config(cloud.url(), TestCloud.PRODUCT_TOKEN, folder.resolve("device" + i))
                                .authority(cloud.authorityFile)
                                .name("Device " + i)
                                .schema(SCHEMA.get())
                                .build(),
                        (device, event) -> {
                            if (event instanceof AgentEvent.RowAcknowledged) {
                                acknowledged.incrementAndGet();
                            }
                        })) {
            long start = System.nanoTime();
            assertThat(fleet.start(SOON)).isTrue();
            System.out.println(DEVICES + " devices ready in " + (System.nanoTime() - start) / 1_000_000 + " ms");

            fleet.goOffline(DEVICES / 2);
            for (DeviceAgent device : fleet.devices()) {
                for (int i = 0; i < 5; i++) {
                    device.rows().put("Reading", Map.of("id", "r" + i, "value", i));
                }
                cloud.write(device.id(), "Reading", "reading#down", Map.of("id", "down", "value", 1));
            }
            fleet.goOnline(DEVICES / 2);

            await().atMost(SOON)
                    .until(() -> fleet.devices().stream().noneMatch(device -> device.state() == AgentState.OFFLINE));
            assertThat(fleet.awaitInStep(SOON)).isTrue();
            for (DeviceAgent device : fleet.devices()) {
                assertThat(cloud.rows(device.id())).hasSize(7);
                await().atMost(SOON)
                        .untilAsserted(() -> assertThat(device.rows().query("SELECT sk FROM reading"))
                                .hasSize(6));
            }
            assertThat(acknowledged.get()).isGreaterThanOrEqualTo(DEVICES * 6);
            assertThat(fleet.devices())
                    .allSatisfy(device -> assertThat(device.badMessages()).isZero());
        }
    }

    private static final Supplier<SyncSchema> SCHEMA = () -> {
        try {
            return Schemas.demo();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    };
}
