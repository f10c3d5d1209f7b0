package io.mooring.metrics.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Ports;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is handed on to CloudWatch, as moto plays it, is there once, whatever happens on the way. */
class CloudWatchIT {
    private static final Cloud CLOUD = Cloud.get();
    private static final String PRODUCT = "P-out-" + UUID.randomUUID();
    private static final String WAITING = "SELECT id FROM metrics.outgoing WHERE body LIKE '%" + PRODUCT + "%'";

    /** Moto is slow to start, and windows take their time. */
    private static final Duration SOON = Duration.ofSeconds(120);

    @TempDir
    private Path folder;

    @Test
    void everyValueIsThereOnceAlthoughAnswersAreLostAndTheServiceIsKilled() throws Exception {
        Tool.require("python3", "-c", "import moto.server");
        String device = CLOUD.device(PRODUCT);
        for (int i = 1; i <= 10; i++) {
            CLOUD.set(device, "{'metric':'out','value':%d}".formatted(i));
        }
        // Nobody is there yet: they wait.
        await().atMost(SOON).until(() -> !CLOUD.query(WAITING).isEmpty());
        AtomicInteger puts = new AtomicInteger();
        try (Moto moto = new Moto(Cloud.AWS_PORT, Ports.anyFree(), folder.resolve("moto.log"), asked -> {
            int number = asked.contains(PRODUCT) ? puts.incrementAndGet() : 0;
            if (number == 2) {
                CLOUD.stack().kill(Component.METRICS);
            }
            return number != 1;
        })) {
            await().atMost(SOON).until(() -> CLOUD.query(WAITING).isEmpty());
            for (int i = 1; i <= 10; i++) {
                CLOUD.set(device, "{'metric':'out','value':%d}".formatted(i));
            }
            await().atMost(SOON)
                    .until(() -> count(moto) >= 20 && CLOUD.query(WAITING).isEmpty());

            assertThat(count(moto)).isEqualTo(20);
            assertThat(puts.get()).isGreaterThanOrEqualTo(2);
            assertThat(statistics(moto).path("Sum").asDouble()).isCloseTo(110, withinPercentage(1));
            assertThat(statistics(moto).path("Maximum").asDouble()).isEqualTo(10);
        }
        CLOUD.stack().awaitReady(Component.METRICS);
    }

    private static int count(Moto moto) throws Exception {
        return statistics(moto).path("SampleCount").asInt();
    }

    private static JsonNode statistics(Moto moto) throws Exception {
        ObjectNode ask = Cloud.JSON
                .createObjectNode()
                .put("Namespace", "Mooring/main/product")
                .put("MetricName", "out")
                .put("StartTime", Instant.now().minusSeconds(7_200).getEpochSecond())
                .put("EndTime", Instant.now().plusSeconds(7_200).getEpochSecond())
                .put("Period", 86_400);
        ask.putArray("Statistics").add("SampleCount").add("Sum").add("Maximum");
        ask.putArray("Dimensions").addObject().put("Name", "Product").put("Value", PRODUCT);
        return moto.call("GetMetricStatistics", ask).at("/Datapoints/0");
    }
}
