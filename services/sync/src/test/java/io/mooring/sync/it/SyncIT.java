package io.mooring.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

class SyncIT {
    private final Cloud cloud = Cloud.get();

    @Test
    void storesARowOfADeviceAndAcknowledgesIt() throws Exception {
        String device = cloud.device("acct1");

        cloud.syncUp(device, 17, """
                {"cmd":"create","key":"sensor#a","item":{"_type":"Sensor","sk":"sensor#a","id":"a","label":"Boiler",
                 "limit":42.5,"since":"2026-11-23T01:42:37.297Z","tags":["x"],"colour":"red",
                 "updated":"2026-11-23T01:42:37.297Z"}}""");

        JsonNode ack = cloud.ack(device, 17);
        assertThat(ack.path("keys").path(0).asText()).isEqualTo("sensor#a");
        assertThat(ack.path("updated").asText()).isEqualTo("1970-01-01T00:00:00.000Z");
        assertThat(cloud.query(
                        "SELECT label || ' ' || \"limit\" || ' ' || since || ' ' || tags || ' ' || _extra || ' ' || account_id"
                                + " || ' ' || (_clock ->> '*') FROM cloud_main.sensor WHERE device_id = ?",
                        device))
                .containsExactly("Boiler 42.5 2026-11-23 01:42:37.297+00 [\"x\"] {\"colour\": \"red\"} acct1"
                        + " 2026-11-23T01:42:37.297Z-0000-" + device);
    }

    @Test
    void tellsADeviceOfPlainSqlWrites() throws Exception {
        String device = cloud.device("acct1");

        cloud.sql("INSERT INTO cloud_main.sensor (device_id, id, label, tags) VALUES (?, 'b', 'Pump', '[1]')", device);

        JsonNode inserted = cloud.downlink().await(device, "sync/INSERT", row -> true);
        assertThat(inserted.path("_type").asText()).isEqualTo("Sensor");
        assertThat(inserted.path("sk").asText()).isEqualTo("sensor#b");
        assertThat(inserted.path("pk").asText()).isEqualTo("sensor#" + device);
        assertThat(inserted.path("enabled").asBoolean()).isTrue();
        assertThat(inserted.path("tags").path(0).asInt()).isEqualTo(1);
        assertThat(inserted.path("fields").path("*").asText()).endsWith("-cloud");

        cloud.sql(
                "UPDATE cloud_main.sensor SET label = 'Pump 2', limit = 7 WHERE device_id = ?"
                        .replace("limit", "\"limit\""),
                device);

        JsonNode modified = cloud.downlink().await(device, "sync/MODIFY", row -> true);
        assertThat(modified.path("label").asText()).isEqualTo("Pump 2");
        assertThat(modified.path("limit").asDouble()).isEqualTo(7);
        assertThat(modified.path("fields").path("label").asText())
                .isEqualTo(modified.path("clock").asText())
                .isGreaterThan(inserted.path("clock").asText());

        cloud.sql("DELETE FROM cloud_main.sensor WHERE device_id = ?", device);

        JsonNode removed = cloud.downlink().await(device, "sync/REMOVE", row -> true);
        assertThat(removed.path("sk").asText()).isEqualTo("sensor#b");
        assertThat(removed.path("id").asText()).isEqualTo("b");
        assertThat(removed.path("fields").path("-").asText())
                .isGreaterThan(modified.path("clock").asText());
    }
}
