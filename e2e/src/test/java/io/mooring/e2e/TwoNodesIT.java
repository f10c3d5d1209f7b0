package io.mooring.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Two broker nodes: what is said at one is heard at the other, and devices move when one dies without a word. */
@ExtendWith(WholeCloud.class)
class TwoNodesIT {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration SOON = Duration.ofSeconds(30);
    /** A node that says nothing is believed gone after 20 s. */
    private static final Duration SILENCE = Duration.ofSeconds(90);

    private static final String ID = "TWONODES01";

    private final CloudAccess cloud;
    private final LocalCloud stack;

    TwoNodesIT(CloudAccess cloud, LocalCloud stack) {
        this.cloud = cloud;
        this.stack = stack;
    }

    @Test
    void areOneCloudAlsoWhenOneDiesWithoutAWord(@TempDir Path folder) throws Exception {
        try (SecondNode second = SecondNode.start(stack, folder);
                OperatorApi operator = new OperatorApi(cloud);
                IotoDevice device = new IotoDevice(ID, cloud);
                ApplicationApi console = ApplicationApi.operator(stack, cloud);
                ApplicationApi application = ApplicationApi.create(
                        stack, cloud, "two nodes", "[\"read\",\"command\",\"publish\",\"subscribe\"]");
                ApplicationMqtt mqtt = ApplicationMqtt.connect(stack, application)) {
            JsonNode claimed = JSON.readTree(device.register(operator.createProduct("two nodes", "main", true), true)
                    .body());
            JsonNode here = device.provision(
                    claimed.get("api").asText(), claimed.get("token").asText());
            JsonNode there = here.<ObjectNode>deepCopy().put("port", second.port());
            console.json(
                    "PUT",
                    "/v1/clouds/main/products/"
                            + operator.device(ID).get("product").asText() + "/topics",
                    "{\"patterns\":[{\"pattern\":\"#\",\"direction\":\"both\"}]}");
            eventually(() -> device.connect(there));
            awaitPresence(application, true, SecondNode.NAME, SOON);

            hearEachOther(device, mqtt, "before");
            awaitState(application, command(application), "delivered");

            second.kill();
            String meanwhile = command(application);
            awaitPresence(application, false, SecondNode.NAME, SILENCE);

            device.connect(here);
            awaitPresence(application, true, "node-1", SOON);
            hearEachOther(device, mqtt, "after");
            device.tell("db/syncDown", "{\"timestamp\":\"1970-01-01T00:00:00.000Z\"}");
            awaitState(application, meanwhile, "delivered");
            assertThat(device.heardBelow("sync/"))
                    .anyMatch(heard -> heard.json().path("id").asText().equals(meanwhile));

            // The node comes back, with the session it had: the device is where it is.
            String began = sql("SELECT max(started) FROM messaging.node WHERE name = '" + SecondNode.NAME + "'");
            second.startAgain();
            await().atMost(SILENCE)
                    .until(() -> sql("SELECT NOT gone AND started > '" + began + "' FROM messaging.node WHERE name = '"
                                    + SecondNode.NAME + "'")
                            .equals("t"));
            awaitState(application, command(application), "delivered");
            awaitPresence(application, true, "node-1", SOON);
            device.disconnect();
            eventually(() -> device.connect(there));
            awaitPresence(application, true, SecondNode.NAME, SOON);
            hearEachOther(device, mqtt, "back");
            awaitState(application, command(application), "delivered");
            device.disconnect();
            awaitPresence(application, false, SecondNode.NAME, SOON);
        }
    }

    /** The application sits at the first node all the time. */
    private static void hearEachOther(IotoDevice device, ApplicationMqtt mqtt, String when) throws Exception {
        String up = "app/" + ID + "/up/" + when;
        String down = "app/" + ID + "/down/" + when;
        // Until both nodes know the product's topics.
        eventually(() -> device.subscribe("app/" + ID + "/down/#"));
        mqtt.subscribe(up);
        device.publish(up, when);
        await().atMost(SOON).until(() -> !mqtt.heard(up).isEmpty());
        eventually(() -> mqtt.publish(down, when));
        await().atMost(SOON).until(() -> device.hears(down));
    }

    /** Something that may be refused at first. */
    private interface Step {
        void run() throws Exception;
    }

    private static void eventually(Step step) {
        await().atMost(SILENCE).ignoreExceptions().until(() -> {
            step.run();
            return true;
        });
    }

    private static String command(ApplicationApi application) throws Exception {
        return application
                .json("POST", "/v1/commands", "{\"command\":\"blink\",\"device\":\"" + ID + "\"}")
                .get("id")
                .asText();
    }

    private static void awaitState(ApplicationApi application, String command, String state) {
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(application
                                .json("GET", "/v1/commands/" + command + "/devices/" + ID, "")
                                .get("state")
                                .asText())
                        .isEqualTo(state));
    }

    /** Until API and row say the same of it. */
    private void awaitPresence(ApplicationApi application, boolean connected, String node, Duration within) {
        await().atMost(within).untilAsserted(() -> {
            JsonNode seen = application.json("GET", "/v1/devices/" + ID, "");
            assertThat(seen.path("connected").asBoolean()).isEqualTo(connected);
            assertThat(seen.path("node").asText()).isEqualTo(node);
            assertThat(sql("SELECT connected::text || ' ' || node FROM cloud_main.device WHERE device_id = '" + ID
                            + "'"))
                    .isEqualTo(connected + " " + node);
        });
    }

    private String sql(String query) throws SQLException {
        try (Connection connection = stack.connection("postgres");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            return result.next() ? String.valueOf(result.getString(1)) : "";
        }
    }
}
