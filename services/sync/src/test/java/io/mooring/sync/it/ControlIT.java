package io.mooring.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.contracts.kafka.Topic;
import io.mooring.devstack.launcher.Component;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class ControlIT {
    private static final String CONTROL = "/v1/clouds/main/control";
    private static final String THEN = "2026-11-20T10:00:00.000Z";

    private final Cloud cloud = Cloud.get();
    private final String token = cloud.stack().secrets().serviceToken("launcher", "sync");

    private JsonNode put(String path, String body) throws Exception {
        HttpResponse<String> answer = cloud.http("PUT", CONTROL + path, body, token);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return Cloud.JSON.readTree(answer.body());
    }

    private JsonNode state(String device) throws Exception {
        return Cloud.JSON.readTree(cloud.http("GET", "/v1/clouds/main/devices/" + device + "/sync", "", token)
                .body());
    }

    private static String sensor(String id, String label) {
        return """
                {"cmd":"create","key":"sensor#%1$s","item":{"_type":"Sensor","sk":"sensor#%1$s","label":"%2$s","updated":"%3$s"}}""".formatted(id, label, THEN);
    }

    private List<String> keys(String device, String tail) {
        return cloud.downlink().of(device, tail).stream()
                .map(row -> row.path("sk").asText())
                .toList();
    }

    private void awaitKey(String device, String tail, String key) {
        cloud.downlink().await(device, tail, row -> row.path("sk").asText().equals(key));
    }

    @Test
    void switchesATableOffAndOnForADevice() throws Exception {
        String device = cloud.device("acct1");
        String other = cloud.device("acct1");
        cloud.syncUp(device, 1, sensor("mine", "x"));
        cloud.ack(device, 1);

        put("/devices/" + device + "/tables/Sensor", "{\"direction\":\"none\"}");

        cloud.downlink()
                .await(
                        device,
                        "control/sync",
                        told -> told.at("/device/tables/Sensor/direction")
                                .asText()
                                .equals("none"));
        cloud.syncUp(device, 2, sensor("off", "x"));
        assertThat(cloud.ack(device, 2).path("refused").path(0).path("code").asText())
                .isEqualTo("sync-off");
        cloud.sql(
                "INSERT INTO cloud_main.sensor (device_id, id) SELECT d, 'n' || n FROM unnest(ARRAY[?, ?]) d, generate_series(1, 450) n",
                device,
                other);
        cloud.sql("DELETE FROM cloud_main.sensor WHERE device_id = ? AND id = 'mine'", device);
        awaitKey(other, "sync/INSERT", "sensor#n450");
        assertThat(keys(device, "sync/INSERT")).isEmpty();

        put("/devices/" + device + "/tables/Sensor", "{}");

        awaitKey(device, "sync/REMOVE", "sensor#mine");
        assertThat(keys(device, "sync/UPSERT"))
                .filteredOn(key -> key.startsWith("sensor#"))
                .hasSize(450)
                .contains("sensor#n1", "sensor#n450");
        assertThat(cloud.downlink().of(device, "control/sync"))
                .anyMatch(told -> told.at("/catchUp/of").asLong() == 450);
        // Nobody asked: a place is for those who do.
        assertThat(cloud.downlink().of(device, "sync/SYNCDOWN")).isEmpty();
        cloud.syncUp(device, 3, sensor("on", "x"));
        assertThat(cloud.ack(device, 3).path("refused").isMissingNode()).isTrue();
        cloud.reader(cloud.topic(Topic.AUDIT_EVENT))
                .awaitTold(told -> told.json().path("eventName").asText().equals("PutSchema")
                        && told.json().at("/userIdentity/userName").asText().equals("launcher")
                        && !told.json().at("/requestParameters/version").isMissingNode());
        cloud.reader(cloud.topic(Topic.AUDIT_EVENT))
                .awaitTold(told -> told.json().path("eventName").asText().equals("SetTableControl")
                        && told.json().at("/requestParameters/device").asText().equals(device));
    }

    @Test
    void switchesATableForAllOfACloud() throws Exception {
        String device = cloud.device("acct1");
        cloud.syncUp(device, 1, """
                {"cmd":"create","key":"service#","item":{"_type":"Service","sk":"service#","value":1,"updated":"%s"}}""".formatted(THEN));
        cloud.ack(device, 1);
        cloud.sql("UPDATE cloud_main.service SET value = 2 WHERE device_id = ?", device);

        put("/tables/Service", "{\"direction\":\"both\"}");

        assertThat(cloud.downlink()
                        .await(
                                device,
                                "sync/UPSERT",
                                row -> row.path("_type").asText().equals("Service"))
                        .path("value")
                        .asInt())
                .isEqualTo(2);
        cloud.sql("UPDATE cloud_main.service SET value = 3 WHERE device_id = ?", device);
        cloud.downlink().await(device, "sync/MODIFY", row -> row.path("value").asInt() == 3);
        cloud.http("DELETE", CONTROL + "/tables/Service", "", token);
        cloud.sql("UPDATE cloud_main.service SET value = 4 WHERE device_id = ?", device);
        cloud.sql("INSERT INTO cloud_main.sensor (device_id, id) VALUES (?, 'after')", device);
        awaitKey(device, "sync/INSERT", "sensor#after");
        assertThat(cloud.downlink().of(device, "sync/MODIFY"))
                .noneMatch(row -> row.path("value").asInt() == 4);
    }

    @Test
    void leavesAPausedDeviceWhatItHasAndGivesItAllAfterwards() throws Exception {
        String device = cloud.device("acct8");
        cloud.send(device, "acct8", "db/syncDown", "{\"timestamp\":\"1970-01-01T00:00:00.000Z\"}");
        cloud.downlink().await(device, "sync/SYNCDOWN", done -> true);

        put("/devices/" + device, "{\"paused\":true}");

        assertThat(state(device).path("paused").asBoolean()).isTrue();
        cloud.syncUp(device, 1, sensor("waits", "x"));
        cloud.sql("INSERT INTO cloud_main.sensor (device_id, id) VALUES (?, 'missed')", device);
        cloud.sql("INSERT INTO cloud_main.site (account_id, id) VALUES ('acct8', 'shared')");
        var shared = cloud.downlink()
                .awaitTold(told -> told.receiver().equals("account/acct8")
                        && told.json().path("id").asText().equals("shared"));
        assertThat(shared.except()).isEqualTo(device);
        cloud.downlink()
                .await(device, "control/sync", told -> told.at("/device/paused").asBoolean());
        cloud.send(device, "acct8", "db/syncDown", "{\"timestamp\":\"" + THEN + "\"}");
        JsonNode held = cloud.downlink()
                .await(
                        device,
                        "sync/SYNCDOWN",
                        done -> done.at("/control/device/paused").asBoolean());
        assertThat(held.path("updated").asText()).isEqualTo(THEN);
        assertThat(cloud.query("SELECT sk FROM cloud_main.sensor WHERE device_id = ?", device))
                .containsExactly("sensor#missed");
        assertThat(cloud.downlink().of(device, "sync/SYNC")).isEmpty();
        assertThat(keys(device, "sync/INSERT")).isEmpty();
        assertThat(state(device).path("catchUp").path("since").asText()).isEqualTo(THEN);

        // What it asks before it is answered can be no less.
        String place = state(device).path("streamPosition").asText();
        cloud.send(device, "acct8", "db/syncDown", "{\"timestamp\":\"" + place + "\"}");
        Awaitility.await()
                .until(() -> cloud.downlink().of(device, "sync/SYNCDOWN").size() == 3);
        assertThat(state(device).path("catchUp").path("since").asText()).isEqualTo(THEN);

        put("/devices/" + device, "{\"paused\":false}");

        awaitKey(device, "sync/UPSERT", "sensor#missed");
        awaitKey(device, "sync/UPSERT", "site#shared");
        cloud.syncUp(device, 2, sensor("waits", "x"));
        assertThat(cloud.ack(device, 2).path("keys")).hasSize(1);
        Awaitility.await().untilAsserted(() -> {
            assertThat(state(device).path("catchUp").isNull()).isTrue();
            assertThat(state(device).path("position").asText())
                    .isGreaterThan("2034")
                    .isLessThanOrEqualTo(state(device).path("streamPosition").asText());
        });
    }

    @Test
    void givesOthersRowsOnlyWhereThatIsSet() throws Exception {
        String device = cloud.device("acct9");
        String neighbour = cloud.device("acct9");
        String stranger = cloud.device("acct10");
        String command = "INSERT INTO cloud_main.command (device_id, command) VALUES (?, ?)";
        cloud.sql(command, neighbour, "before");

        put("/devices/" + device + "/tables/Command", "{\"rows\":\"account\"}");

        cloud.downlink()
                .await(
                        device,
                        "sync/UPSERT",
                        row -> row.path("command").asText().equals("before"));
        cloud.sql(command, neighbour, "after");
        cloud.sql(command, stranger, "foreign");
        JsonNode seen = cloud.downlink()
                .await(
                        device,
                        "sync/INSERT",
                        row -> row.path("command").asText().equals("after"));
        assertThat(seen.path("deviceId").asText()).isEqualTo(neighbour);
        cloud.send(device, "acct9", "db/syncDown", "{\"timestamp\":\"1970-01-01T00:00:00.000Z\"}");
        String place = cloud.downlink()
                .await(device, "sync/SYNCDOWN", done -> true)
                .path("updated")
                .asText();
        cloud.sql(command, neighbour, "later");
        cloud.downlink()
                .await(
                        device,
                        "sync/INSERT",
                        row -> row.path("command").asText().equals("later"));
        cloud.send(device, "acct9", "db/syncDown", "{\"timestamp\":\"" + place + "\"}");
        cloud.downlink()
                .await(
                        device,
                        "sync/UPSERT",
                        row -> row.path("command").asText().equals("later"));
        assertThat(cloud.downlink().all())
                .noneMatch(told -> told.receiver().equals("device/" + device)
                        && told.json().path("command").asText().equals("foreign"));
        assertThat(keys(neighbour, "sync/INSERT")).hasSize(3);

        String foreign = seen.path("sk").asText();
        cloud.send(device, "acct9", "db/syncToDynamo", """
                {"seq":5,"changes":[{"cmd":"update","key":"%1$s","item":{"_type":"Command","sk":"%1$s","command":"mine","updated":"%2$s"}}]}""".formatted(foreign, THEN));
        assertThat(cloud.ack(device, 5).path("refused").path(0).path("code").asText())
                .isEqualTo("foreign-row");
    }

    @Test
    void saysWhatCannotBeSet() throws Exception {
        String device = cloud.device("acct1");

        assertThat(code("/tables/Sensor", "{\"rows\":\"all\"}")).isEqualTo("422 filter-does-not-fit");
        assertThat(code("/tables/Tariff", "{\"rows\":\"own\"}")).isEqualTo("422 filter-does-not-fit");
        assertThat(code("/tables/Nonsense", "{}")).isEqualTo("404 unknown-model");
        assertThat(code("/devices/NOBODY/tables/Sensor", "{}")).isEqualTo("404 unknown-device");
        assertThat(code("/tables/Sensor", "{\"direction\":\"sideways\"}")).isEqualTo("400 bad-table-control");
        assertThat(code("/devices/" + device, "{}")).isEqualTo("400 nothing-to-set");
        assertThat(cloud.http("GET", "/v1/clouds/elsewhere/control", "", token).statusCode())
                .isEqualTo(404);
    }

    private String code(String path, String body) throws Exception {
        HttpResponse<String> answer = cloud.http("PUT", CONTROL + path, body, token);
        return answer.statusCode() + " "
                + Cloud.JSON.readTree(answer.body()).path("code").asText();
    }

    @Test
    void goesOnWithACatchUpThatWasCutShort() throws Exception {
        String device = cloud.device("acct1");
        int rows = 12_000;
        cloud.sql(
                "INSERT INTO cloud_main.sensor (device_id, id, label) SELECT ?, lpad(n::text, 6, '0'), repeat('x', 100) FROM generate_series(1, ?) n",
                device,
                rows);
        cloud.syncDown(device, "1970-01-01T00:00:00.000Z");
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> cloud.downlink().of(device, "sync/UPSERT").size() > 600);

        cloud.stack().kill(Component.SYNC);
        cloud.stack().awaitReady(Component.SYNC);

        JsonNode done = Awaitility.await()
                .atMost(Duration.ofSeconds(90))
                .until(() -> cloud.downlink().of(device, "sync/SYNCDOWN"), list -> !list.isEmpty())
                .getFirst();
        List<String> sent = keys(device, "sync/UPSERT").stream()
                .filter(key -> key.startsWith("sensor#"))
                .toList();
        assertThat(sent.stream().distinct()).hasSize(rows);
        // At most what was sent after the last note of it comes twice.
        assertThat(sent.size()).isLessThan(rows + 1_000);
        assertThat(done.path("rows").asInt()).isBetween(rows, rows + 1_000);
    }

    @Test
    void sendsADeviceNoMoreThanItTakes() throws Exception {
        String slow = cloud.device("acct1");
        String quick = cloud.device("acct1");
        cloud.deafen(slow);
        cloud.sql(
                "INSERT INTO cloud_main.sensor (device_id, id) SELECT d, n::text FROM unnest(ARRAY[?, ?]) d, generate_series(1, 1500) n",
                slow,
                quick);
        // Receipts come at all: somebody must have had one.
        cloud.syncDown(quick, "1970-01-01T00:00:00.000Z");
        cloud.downlink().await(quick, "sync/SYNCDOWN", done -> true);

        cloud.syncDown(slow, "1970-01-01T00:00:00.000Z");
        Awaitility.await().until(() -> cloud.downlink().of(slow, "sync/UPSERT").size() >= 400);
        cloud.syncDown(quick, "1970-01-01T00:00:00.000Z");
        Awaitility.await()
                .until(() -> cloud.downlink().of(quick, "sync/SYNCDOWN").size() == 2);

        assertThat(cloud.downlink().of(slow, "sync/UPSERT")).hasSize(400);
        assertThat(state(slow).at("/catchUp/sent").asInt()).isEqualTo(400);
        cloud.hear(slow);
        cloud.downlink().await(slow, "sync/SYNCDOWN", done -> true);
        assertThat(keys(slow, "sync/UPSERT").stream().distinct()).hasSizeGreaterThanOrEqualTo(1500);
    }
}
