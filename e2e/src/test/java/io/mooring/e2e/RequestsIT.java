package io.mooring.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mooring.devstack.launcher.Devstack;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Devices ask the cloud and applications, applications ask devices; each is answered, or told why not. */
@ExtendWith(WholeCloud.class)
class RequestsIT {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String ID = "REQUESTS01";

    private final CloudAccess cloud;
    private final Devstack stack;

    RequestsIT(CloudAccess cloud, Devstack stack) {
        this.cloud = cloud;
        this.stack = stack;
    }

    @Test
    void areAnsweredByApplications() throws Exception {
        try (OperatorApi operator = new OperatorApi(cloud);
                IotoDevice device = new IotoDevice(ID, cloud);
                ApplicationApi application =
                        ApplicationApi.create(stack, cloud, "answers", "[\"publish\",\"command\"]");
                ApplicationApi mute = ApplicationApi.create(stack, cloud, "may nothing", "[\"read\"]")) {
            String token = operator.createProduct("asking", "main", true);
            JsonNode claimed = JSON.readTree(device.register(token, true).body());
            device.connect(device.provision(
                    claimed.get("api").asText(), claimed.get("token").asText()));
            String product = operator.device(ID).get("product").asText();

            isAnsweredByAnApplication(device, application, mute, product);
        }
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

    private static void isAnsweredByAnApplication(
            IotoDevice device, ApplicationApi application, ApplicationApi mute, String product) throws Exception {
        String handler = "/v1/products/" + product + "/request-handlers/weather";
        assertThat(mute.call("PUT", handler, "").statusCode()).isEqualTo(403);
        assertThat(application.call("PUT", handler, "").statusCode()).isEqualTo(204);

        device.publish("ioto/service/" + ID + "/weather/6", "{\"city\":\"Bern\"}");
        JsonNode asked = application
                .json("GET", "/v1/requests?wait=20", "")
                .get("requests")
                .get(0);
        assertThat(asked.get("device").asText()).isEqualTo(ID);
        assertThat(asked.get("body").asText()).isEqualTo("{\"city\":\"Bern\"}");
        String answer = "/v1/requests/" + asked.get("id").asText() + "/answer";
        assertThat(mute.call("POST", answer, "forged").statusCode()).isEqualTo(409);
        assertThat(application.call("POST", answer, "sunny").statusCode()).isEqualTo(204);
        assertThat(application.call("POST", answer, "twice").statusCode()).isEqualTo(409);

        assertThat(answer(device, "weather/6")).isEqualTo("sunny");
        assertThat(device.heard("weather/6")).hasSize(1);
    }

    private static String answer(IotoDevice device, String tail) {
        await().atMost(SOON).until(() -> !device.heard(tail).isEmpty());
        return device.heard(tail).getFirst().payload();
    }
}
