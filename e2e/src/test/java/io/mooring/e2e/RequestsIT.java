package io.mooring.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Devices ask the cloud and applications, applications ask devices; each is answered, or told why not. */
@ExtendWith(WholeCloud.class)
class RequestsIT {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration SOON = Duration.ofSeconds(20);

    private final CloudAccess cloud;

    RequestsIT(CloudAccess cloud) {
        this.cloud = cloud;
    }

    @Test
    void areAnsweredFromTheDevicesOwnRows() throws Exception {
        String id = "REQUESTS02";
        try (OperatorApi operator = new OperatorApi(cloud);
                IotoDevice device = new IotoDevice(id, cloud)) {
            String token = operator.createProduct("reading", "main", true);
            JsonNode claimed = JSON.readTree(device.register(token, true).body());
            device.connect(device.provision(
                    claimed.get("api").asText(), claimed.get("token").asText()));
            String ask = "ioto/service/" + id + "/";

            device.tell("store/set", "{\"key\":\"mode\",\"value\":\"eco\",\"type\":\"string\"}");
            device.publish(ask + "store/get/1", "{\"key\":\"mode\"}");
            device.publish(ask + "store/get/2", "{\"key\":\"nothing\"}");
            device.publish(ask + "store/get/3", "no JSON");
            device.publish(ask + "metric/get/4", "{\"metric\":\"RANDOM\",\"period\":300,\"statistic\":\"avg\"}");
            device.publish(ask + "weather/5", "{}");

            assertThat(answer(device, "store/get/1")).isEqualTo("eco");
            assertThat(answer(device, "store/get/2")).isEmpty();
            assertThat(answer(device, "store/get/3")).contains("\"error\"");
            assertThat(answer(device, "metric/get/4")).isEqualTo("0");
            assertThat(answer(device, "weather/5")).contains("no application answers weather");
        }
    }

    private static String answer(IotoDevice device, String tail) {
        await().atMost(SOON).until(() -> !device.heard(tail).isEmpty());
        return device.heard(tail).getFirst().payload();
    }
}
