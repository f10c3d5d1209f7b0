package io.mooring.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.kafka.Topic;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class SyncUpIT {
    private static final String THEN = "2026-11-20T10:00:00.000Z";
    private static final String LATER = "2026-11-20T11:00:00.000Z";

    private final Cloud cloud = Cloud.get();

    private static String sensor(String command, String id, String members) {
        return "{\"cmd\":\"" + command + "\",\"key\":\"sensor#" + id
                + "\",\"item\":{\"_type\":\"Sensor\",\"sk\":\"sensor#" + id + "\"," + members + "}}";
    }

    @Test
    void storesARowOfADeviceAndAcknowledgesIt() throws Exception {
        String device = cloud.device("acct1");

        cloud.syncUp(device, 17, sensor("create", "a", """
                        "id":"a","label":"Boiler","limit":42.5,"since":"2026-11-23T01:42:37.297Z","tags":["x"],
                        "colour":"red","updated":"2026-11-20T10:00:00.000Z\""""));

        JsonNode ack = cloud.ack(device, 17);
        assertThat(ack.path("keys").path(0).asText()).isEqualTo("sensor#a");
        assertThat(ack.path("updated").asText()).isEqualTo("1970-01-01T00:00:00.000Z");
        assertThat(ack.has("refused")).isFalse();
        assertThat(cloud.query("""
                        SELECT label || ' ' || "limit" || ' ' || since || ' ' || tags || ' ' || _extra || ' '
                          || account_id || ' ' || updated || ' ' || (_clock ->> '*')
                        FROM cloud_main.sensor WHERE device_id = ?""", device))
                .containsExactly("Boiler 42.5 2026-11-23 01:42:37.297+00 [\"x\"] {\"colour\": \"red\"} acct1"
                        + " 2026-11-20 10:00:00+00 2026-11-20T10:00:00.000Z-0000-" + device);
    }

    @Test
    void acknowledgesAMessageWithoutChanges() throws Exception {
        String device = cloud.device("acct1");

        cloud.syncUp(device, -5);

        assertThat(cloud.ack(device, -5).path("keys")).isEmpty();
    }

    @Test
    void keepsValuesThatDoNotFitTheirType() throws Exception {
        String device = cloud.device("acct1");

        cloud.syncUp(
                device,
                1,
                sensor(
                        "create",
                        "odd",
                        "\"limit\":\"high\",\"since\":\"soon\",\"tags\":3,\"updated\":\"" + THEN + "\""),
                sensor("create", "big", "\"limit\":12345678901234567891,\"updated\":\"" + THEN + "\""),
                """
                {"cmd":"update","key":"s#gauge","item":{"_type":"Store","sk":"s#gauge","key":"gauge","value":"e+00",
                 "type":"number","updated":"2026-11-20T10:00:00.000Z"}}""");

        assertThat(cloud.ack(device, 1).path("keys")).hasSize(3);
        assertThat(cloud.query(
                        "SELECT _extra::text || coalesce(tags, '0') FROM cloud_main.sensor WHERE device_id = ? ORDER BY sk",
                        device))
                .containsExactly("{\"limit\": 12345678901234567891}0", "{\"limit\": \"high\", \"since\": \"soon\"}3")
                .hasSize(2);
        assertThat(cloud.query("SELECT value::text || type FROM cloud_main.store WHERE device_id = ?", device))
                .containsExactly("\"e+00\"number");
        cloud.syncDown(device, "1970-01-01T00:00:00.000Z");
        JsonNode down = cloud.downlink()
                .await(device, "sync/UPSERT", row -> row.path("sk").asText().equals("sensor#big"));
        assertThat(down.path("limit").asText()).isEqualTo("12345678901234567891");
    }

    @Test
    void keepsSingletonsOfTwoDevicesApart() throws Exception {
        String one = cloud.device("acct1");
        String other = cloud.device("acct1");
        String change = """
                {"cmd":"update","key":"service#","item":{"value":%d,"sk":"service#","_type":"Service","updated":"2026-11-20T10:00:00.000Z"}}""";

        cloud.syncUp(one, 1, change.formatted(1));
        cloud.syncUp(other, 1, change.formatted(2));

        cloud.ack(one, 1);
        cloud.ack(other, 1);
        assertThat(cloud.query(
                        "SELECT value FROM cloud_main.service WHERE device_id IN (?, ?) ORDER BY value", one, other))
                .containsExactly("1", "2");
    }

    @Test
    void mergesFieldsOfBothSides() throws Exception {
        String device = cloud.device("acct1");
        cloud.syncUp(
                device,
                1,
                sensor("create", "m", "\"label\":\"old\",\"limit\":1,\"enabled\":true,\"updated\":\"" + THEN + "\""));
        cloud.ack(device, 1);
        cloud.sql("UPDATE cloud_main.sensor SET label = 'by cloud' WHERE device_id = ?", device);

        cloud.syncUp(device, 2, """
                {"cmd":"update","key":"sensor#m","clock":"%1$s-0000-%2$s","fields":{"limit":"%1$s-0000-%2$s"},
                 "item":{"_type":"Sensor","sk":"sensor#m","limit":9,"updated":"%1$s"}}""".formatted(LATER, device));

        cloud.ack(device, 2);
        assertThat(cloud.query("SELECT label || \"limit\" FROM cloud_main.sensor WHERE device_id = ?", device))
                .containsExactly("by cloud9");
        assertThat(cloud.downlink().of(device, "sync/UPSERT")).isEmpty();
    }

    @Test
    void keepsTheNameOfARowThatAFieldBringsBack() throws Exception {
        String device = cloud.device("acct1");
        cloud.syncUp(device, 1, sensor("create", "b", "\"label\":\"old\",\"limit\":1,\"updated\":\"" + THEN + "\""));
        cloud.ack(device, 1);
        cloud.sql("UPDATE cloud_main.sensor SET label = 'later' WHERE device_id = ?", device);

        cloud.syncUp(device, 2, sensor("remove", "b", "\"updated\":\"" + LATER + "\""));

        cloud.ack(device, 2);
        assertThat(cloud.query(
                        "SELECT concat_ws(' ', id, label, coalesce(\"limit\"::text, 'cleared')) FROM cloud_main.sensor"
                                + " WHERE device_id = ?",
                        device))
                .containsExactly("b later cleared");
        JsonNode standing = cloud.downlink().await(device, "sync/UPSERT", row -> true);
        assertThat(standing.path("id").asText()).isEqualTo("b");
    }

    @Test
    void answersAStaleChangeWithWhatStands() throws Exception {
        String device = cloud.device("acct1");
        cloud.syncUp(device, 1, sensor("create", "s", "\"label\":\"old\",\"updated\":\"" + THEN + "\""));
        cloud.ack(device, 1);
        cloud.sql("UPDATE cloud_main.sensor SET label = 'new' WHERE device_id = ?", device);

        cloud.syncUp(device, 2, sensor("update", "s", "\"label\":\"stale\",\"updated\":\"" + LATER + "\""));

        assertThat(cloud.ack(device, 2).path("keys").path(0).asText()).isEqualTo("sensor#s");
        JsonNode standing = cloud.downlink().await(device, "sync/UPSERT", row -> true);
        assertThat(standing.path("label").asText()).isEqualTo("new");
        assertThat(standing.path("updated").asText()).isGreaterThan(LATER);
    }

    @Test
    void refusesAForeignRowAndGoesOnWithTheRest() throws Exception {
        String device = cloud.device("acct1");

        cloud.syncUp(
                device,
                3,
                sensor("create", "mine", "\"label\":\"x\",\"updated\":\"" + THEN + "\""),
                sensor("create", "theirs", "\"deviceId\":\"OTHER\",\"updated\":\"" + THEN + "\""),
                "{\"cmd\":\"create\",\"key\":\"x\",\"item\":{\"_type\":\"Nonsense\",\"sk\":\"x\"}}");

        JsonNode ack = cloud.ack(device, 3);
        assertThat(ack.path("keys")).hasSize(3);
        assertThat(ack.path("refused").findValuesAsText("code")).containsExactly("foreign-row", "unknown-model");
        assertThat(cloud.query("SELECT sk FROM cloud_main.sensor WHERE device_id = ?", device))
                .containsExactly("sensor#mine");
        DownlinkReader dead =
                cloud.reader(Topic.SYNC_UPLINK.deadLetterName(cloud.stack().topicsPrefix()));
        assertThat(dead.awaitTold(told -> told.code().equals("foreign-row"))
                        .json()
                        .path("changes"))
                .hasSize(1);
        cloud.reader(cloud.topic(Topic.AUDIT_EVENT))
                .awaitTold(told -> told.receiver().equals("device/" + device)
                        && told.json().path("errorCode").asText().equals("foreign-row"));
    }

    @Test
    void putsAsideWhatItCannotRead() throws Exception {
        String device = cloud.device("acct1");

        cloud.send(device, "acct1", "db/syncToDynamo", "{\"seq\":");
        cloud.syncUp(device, 4, sensor("create", "ok", "\"label\":\"a\\u0000b\",\"updated\":\"" + THEN + "\""));

        assertThat(cloud.ack(device, 4).path("refused").path(0).path("code").asText())
                .isEqualTo("unusable-value");
        cloud.reader(Topic.SYNC_UPLINK.deadLetterName(cloud.stack().topicsPrefix()))
                .awaitTold(told -> told.code().equals("not-json"));
    }

    @Test
    void refusesWhatTheDatabaseDoesNotTakeAndGoesOnWithTheRest() throws Exception {
        String device = cloud.device("acct1");
        try (Connection connection = cloud.stack().connection("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute("ALTER TABLE cloud_main.sensor ADD CONSTRAINT odd CHECK (label <> 'odd') NOT VALID");
            try {
                cloud.syncUp(
                        device,
                        5,
                        sensor("create", "one", "\"label\":\"x\",\"updated\":\"" + THEN + "\""),
                        sensor("create", "odd", "\"label\":\"odd\",\"updated\":\"" + THEN + "\""),
                        sensor("create", "two", "\"label\":\"y\",\"updated\":\"" + THEN + "\""));

                JsonNode refused = cloud.downlink()
                        .await(device, "sync/SYNC", ack -> ack.has("refused"))
                        .path("refused");
                assertThat(refused.findValuesAsText("key")).containsExactly("sensor#odd");
                assertThat(refused.findValuesAsText("code")).containsExactly("not-storable");
            } finally {
                statement.execute("ALTER TABLE cloud_main.sensor DROP CONSTRAINT odd");
            }
        }

        Awaitility.await()
                .untilAsserted(() -> assertThat(cloud.downlink().of(device, "sync/SYNC").stream()
                                .peek(ack ->
                                        assertThat(ack.path("seq").asLong()).isEqualTo(5))
                                .flatMap(ack -> ack.path("keys").valueStream())
                                .map(JsonNode::asText))
                        .containsExactlyInAnyOrder("sensor#one", "sensor#odd", "sensor#two"));
        assertThat(cloud.query("SELECT sk FROM cloud_main.sensor WHERE device_id = ? ORDER BY sk", device))
                .containsExactly("sensor#one", "sensor#two");
        cloud.reader(Topic.SYNC_UPLINK.deadLetterName(cloud.stack().topicsPrefix()))
                .awaitTold(told -> told.code().equals("not-storable"));
    }

    @Test
    void takesTheSameMessageTwiceWithoutHarm() throws Exception {
        String device = cloud.device("acct1");
        String change = sensor(
                "update",
                "t",
                "\"label\":\"same\",\"enabled\":false,\"limit\":1.0,\"tags\":{\"b\":1,\"a\":[]},\"updated\":\"" + THEN
                        + "\"");

        cloud.syncUp(device, 1, change);
        cloud.ack(device, 1);
        var before = cloud.query("SELECT xmin::text || _clock FROM cloud_main.sensor WHERE device_id = ?", device);
        cloud.syncUp(device, 2, change);
        cloud.ack(device, 2);

        assertThat(cloud.query("SELECT xmin::text || _clock FROM cloud_main.sensor WHERE device_id = ?", device))
                .isEqualTo(before);
        assertThat(cloud.downlink().of(device, "sync/UPSERT")).isEmpty();
    }

    @Test
    void doesNotReviveARemovedRowByAnOlderChange() throws Exception {
        String device = cloud.device("acct1");
        cloud.syncUp(device, 1, sensor("create", "r", "\"label\":\"x\",\"updated\":\"" + THEN + "\""));
        cloud.syncUp(device, 2, sensor("remove", "r", "\"updated\":\"" + LATER + "\""));
        cloud.ack(device, 2);

        cloud.syncUp(device, 3, sensor("update", "r", "\"label\":\"y\",\"updated\":\"2026-11-20T10:30:00.000Z\""));

        cloud.ack(device, 3);
        assertThat(cloud.query("SELECT sk FROM cloud_main.sensor WHERE device_id = ?", device))
                .isEmpty();
        JsonNode standing = cloud.downlink().await(device, "sync/REMOVE", row -> true);
        assertThat(standing.path("id").asText()).isEqualTo("r");
        assertThat(cloud.query("SELECT clock FROM cloud_main._tombstone WHERE owner = ?", device))
                .containsExactly(LATER + "-0000-" + device);

        cloud.sql("INSERT INTO cloud_main.sensor (device_id, id) VALUES (?, 'r')", device);

        assertThat(cloud.query("SELECT _clock ->> '-' FROM cloud_main.sensor WHERE device_id = ?", device))
                .containsExactly(LATER + "-0000-" + device);
        assertThat(cloud.query("SELECT clock FROM cloud_main._tombstone WHERE owner = ?", device))
                .isEmpty();
    }

    @Test
    void aRemovalInTheMillisecondOfTheWriteBeforeItKeepsItsTime() throws Exception {
        String device = cloud.device("acct1");
        cloud.syncUp(device, 1, sensor("create", "m", "\"label\":\"x\",\"updated\":\"" + THEN + "\""));
        cloud.ack(device, 1);
        cloud.syncUp(device, 2, sensor("remove", "m", "\"updated\":\"" + THEN + "\""));
        cloud.ack(device, 2);

        assertThat(cloud.query("SELECT clock FROM cloud_main._tombstone WHERE owner = ?", device))
                .containsExactly(THEN + "-0000-" + device);
    }

    @Test
    void aRemovalOfARowThatIsJustBeingInsertedWaitsForIt() throws Exception {
        String device = cloud.device("acct1");
        try (Connection writer = cloud.stack().connection("mooring_operator");
                Statement statement = writer.createStatement()) {
            writer.setAutoCommit(false);
            statement.executeUpdate("INSERT INTO cloud_main.sensor (device_id, id) VALUES ('" + device + "', 'race')");
            cloud.syncUp(
                    device,
                    1,
                    sensor(
                            "remove",
                            "race",
                            "\"updated\":\"" + HybridTimestamp.formatMillis(System.currentTimeMillis() + 60_000)
                                    + "\""));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> cloud.query("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND"
                                            + " objsubid = 2")
                                    .size()
                            == 1);
            writer.commit();
        }

        cloud.ack(device, 1);
        assertThat(cloud.query("SELECT sk FROM cloud_main.sensor WHERE device_id = ?", device))
                .isEmpty();
        assertThat(cloud.query("SELECT sk FROM cloud_main._tombstone WHERE owner = ?", device))
                .containsExactly("sensor#race");
    }

    @Test
    void twoWritesOfOneMillisecondAreSettledByTheirValuesAndKeepTheirTime() throws Exception {
        String device = cloud.device("acct1");
        cloud.syncUp(device, 1, sensor("create", "v", "\"label\":\"a\",\"updated\":\"" + THEN + "\""));
        cloud.ack(device, 1);
        cloud.syncUp(device, 2, sensor("update", "v", "\"label\":\"b\",\"updated\":\"" + THEN + "\""));
        cloud.ack(device, 2);
        cloud.syncUp(device, 3, sensor("update", "v", "\"label\":\"a\",\"updated\":\"" + THEN + "\""));
        cloud.ack(device, 3);

        assertThat(cloud.query(
                        "SELECT label || ' ' || (_clock ->> '*') || ' ' || (_clock::text LIKE '%cloud%')"
                                + " FROM cloud_main.sensor WHERE device_id = ?",
                        device))
                .containsExactly("b " + THEN + "-0000-" + device + " false");
    }

    @Test
    void upholdsRowsThatOnlyTheCloudWrites() throws Exception {
        String device = cloud.device("acct1");
        cloud.sql("INSERT INTO cloud_main.broadcast (device_id, key, value) VALUES (?, 'k', '1')", device);
        cloud.downlink().await(device, "sync/INSERT", row -> true);

        cloud.syncUp(device, 1, """
                {"cmd":"update","key":"bcast#k","item":{"_type":"Broadcast","sk":"bcast#k","key":"k","value":2,"updated":"%s"}}""".formatted(HybridTimestamp.formatMillis(System.currentTimeMillis() + 60_000)));

        JsonNode standing = cloud.downlink().await(device, "sync/UPSERT", row -> true);
        assertThat(standing.path("value").asInt()).isEqualTo(1);
        assertThat(standing.path("clock").asText()).endsWith("-cloud");
        cloud.downlink().await(device, "sync/MODIFY", row -> row.path("clock").equals(standing.path("clock")));
    }

    @Test
    void doesNotBelieveAClockFarAhead() throws Exception {
        String device = cloud.device("acct1");

        cloud.syncUp(
                device, 1, sensor("create", "f", "\"label\":\"from 2099\",\"updated\":\"2099-01-01T00:00:00.000Z\""));

        JsonNode ack = cloud.ack(device, 1);
        String bounded = ack.path("bounded").path("sensor#f").asText();
        assertThat(HybridTimestamp.parse(bounded).millis())
                .isBetween(System.currentTimeMillis() - 60_000, System.currentTimeMillis() + 1000);
        cloud.sql("UPDATE cloud_main.sensor SET label = 'now' WHERE device_id = ?", device);
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(cloud.downlink().of(device, "sync/MODIFY"))
                        .anyMatch(row -> row.path("label").asText().equals("now")));
    }
}
