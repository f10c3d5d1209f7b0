package io.mooring.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Devices ask the cloud and applications, applications ask devices; each is answered, or told why not. */
@ExtendWith(WholeCloud.class)
class RequestsIT {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String ID = "REQUESTS01";

    private final CloudAccess cloud;
    private final LocalCloud stack;

    RequestsIT(CloudAccess cloud, LocalCloud stack) {
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
            String product = join(operator, device, ID, "asking");

            isAnsweredByAnApplication(device, application, mute, product);
        }
    }

    @Test
    void areAnsweredFromTheDevicesOwnRows() throws Exception {
        String id = "REQUESTS02";
        try (OperatorApi operator = new OperatorApi(cloud);
                IotoDevice device = new IotoDevice(id, cloud)) {
            join(operator, device, id, "reading");
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

    @Test
    void areAnsweredAndAskedByApplicationsOverMqtt() throws Exception {
        String id = "REQUESTS03";
        try (OperatorApi operator = new OperatorApi(cloud);
                IotoDevice device = new IotoDevice(id, cloud);
                ApplicationApi application = ApplicationApi.create(stack, cloud, "talks", "[\"publish\",\"command\"]");
                ApplicationMqtt mqtt = ApplicationMqtt.connect(stack, application)) {
            String product = join(operator, device, id, "talking");
            String own = "application/" + application.id() + "/";

            // A device asks, and the application answers.
            application.call("PUT", "/v1/products/" + product + "/request-handlers/weather/now", "");
            device.publish("ioto/service/" + id + "/weather/now/6", "{\"city\":\"Bern\"}");
            IotoDevice.Heard asked = heard(mqtt, own + "request/[^/]+/" + id + "/weather/now");
            assertThat(asked.payload()).isEqualTo("{\"city\":\"Bern\"}");
            String request = asked.topic().split("/")[3];
            mqtt.publish(own + "request/answer/" + request, "sunny");
            assertThat(answer(device, "weather/now/6")).isEqualTo("sunny");

            // Once only, and nobody else's.
            mqtt.publish(own + "request/answer/" + request, "rain");
            assertThat(heard(mqtt, own + "refused/answer/" + request).payload()).contains("nobody waits");

            // The application asks, and the device answers.
            mqtt.publish(own + "request/ask/" + id + "/status/9", "well?");
            assertThat(question(device, "status").payload()).isEqualTo("well?");
            device.publish("ioto/service/" + id + "/answer/" + requestOf(question(device, "status")), "yes");
            assertThat(heard(mqtt, own + "answer/" + id + "/status/9").payload())
                    .isEqualTo("yes");

            // What cannot be is said.
            mqtt.publish(own + "request/ask/NOBODY0001/status/10", "well?");
            assertThat(heard(mqtt, own + "refused/ask/NOBODY0001/status/10").payload())
                    .contains("no such device");
            mqtt.publish(own + "request/ask/" + id, "well?");
            assertThat(heard(mqtt, own + "refused/ask/" + id).payload()).contains("publish on ask/");
            assertThat(device.heard("weather/now/6")).hasSize(1);
        }
    }

    @Test
    void areAskedByApplicationsOverHttp() throws Exception {
        String id = "REQUESTS04";
        try (OperatorApi operator = new OperatorApi(cloud);
                IotoDevice device = new IotoDevice(id, cloud);
                ApplicationApi application = ApplicationApi.create(stack, cloud, "asks", "[\"command\"]");
                ApplicationApi mute = ApplicationApi.create(stack, cloud, "may not ask", "[\"read\"]")) {
            join(operator, device, id, "asked");
            String ask = "/v1/devices/" + id + "/requests/door/state";

            var waiting = new FutureTask<>(() -> application.call("POST", ask + "?timeout=20", "open?"));
            Thread.ofVirtual().start(waiting);
            IotoDevice.Heard question = question(device, "door/state");
            assertThat(question.payload()).isEqualTo("open?");
            device.publish("ioto/service/" + id + "/answer/" + requestOf(question), "shut");
            assertThat(waiting.get().statusCode() + " " + waiting.get().body()).isEqualTo("200 shut");

            assertThat(mute.call("POST", ask, "open?").statusCode()).isEqualTo(403);
            assertThat(application
                            .call("POST", ask.replace(id, "NOBODY0001"), "open?")
                            .statusCode())
                    .isEqualTo(404);
            assertThat(application.call("POST", ask, "x".repeat(70_000)).statusCode())
                    .isEqualTo(413);
            HttpResponse<String> silent = application.call("POST", ask + "?timeout=1", "again?");
            assertThat(silent.statusCode() + " " + silent.body())
                    .startsWith("504")
                    .contains("device-silent");
        }
    }

    /** A device becomes a member, and connects; its product's id. */
    private String join(OperatorApi operator, IotoDevice device, String id, String productName) throws Exception {
        String token = operator.createProduct(productName, "main", true);
        JsonNode claimed = JSON.readTree(device.register(token, true).body());
        device.connect(device.provision(
                claimed.get("api").asText(), claimed.get("token").asText()));
        return operator.device(id).get("product").asText();
    }

    private static IotoDevice.Heard heard(ApplicationMqtt mqtt, String topicExpression) {
        await().atMost(SOON).until(() -> !mqtt.heard(topicExpression).isEmpty());
        return mqtt.heard(topicExpression).getFirst();
    }

    private static IotoDevice.Heard question(IotoDevice device, String name) {
        await().atMost(SOON)
                .until(() -> !device.heardBelow("request/" + name + "/").isEmpty());
        return device.heardBelow("request/" + name + "/").getLast();
    }

    private static String requestOf(IotoDevice.Heard question) {
        return question.topic().substring(question.topic().lastIndexOf('/') + 1);
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
