package io.mooring.sync.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.postgresql.util.PSQLException;

class SyncDownIT {
    private final Cloud cloud = Cloud.get();

    @Test
    void tellsADeviceOfPlainSqlWrites() throws Exception {
        String device = cloud.device("acct1");

        cloud.sql("""
                INSERT INTO cloud_main.sensor (device_id, id, label, enabled, tags, since, image)
                VALUES (?, 'b', 'Pump', true, '[1]', '2026-11-23 02:00:00.5+01', '\\x0102')""", device);

        JsonNode inserted = cloud.downlink().await(device, "sync/INSERT", row -> true);
        assertThat(inserted.path("_type").asText()).isEqualTo("Sensor");
        assertThat(inserted.path("sk").asText()).isEqualTo("sensor#b");
        assertThat(inserted.path("pk").asText()).isEqualTo("sensor#" + device);
        assertThat(inserted.path("deviceId").asText()).isEqualTo(device);
        assertThat(inserted.path("enabled").asBoolean()).isTrue();
        assertThat(inserted.path("tags").path(0).asInt()).isEqualTo(1);
        assertThat(inserted.path("since").asText()).isEqualTo("2026-11-23T01:00:00.500Z");
        assertThat(inserted.path("image").asText()).isEqualTo("AQI=");
        assertThat(inserted.path("fields").path("*").asText())
                .endsWith("-cloud")
                .isEqualTo(inserted.path("clock").asText());

        cloud.sql(
                "UPDATE cloud_main.sensor SET label = 'Pump 2', \"limit\" = 7, enabled = NULL WHERE device_id = ?",
                device);

        JsonNode modified = cloud.downlink().await(device, "sync/MODIFY", row -> true);
        assertThat(modified.path("label").asText()).isEqualTo("Pump 2");
        assertThat(modified.path("limit").asDouble()).isEqualTo(7);
        assertThat(modified.path("enabled").isNull()).isTrue();
        assertThat(modified.path("fields").properties()).hasSize(4);
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

    @Test
    void tellsAnAccountAndEverybody() throws Exception {
        cloud.sql("INSERT INTO cloud_main.site (account_id, name) VALUES ('acct7', 'Harbour')");
        cloud.sql("INSERT INTO cloud_main.tariff (name, price) VALUES ('night', 0.1)");

        var site = cloud.downlink().awaitTold(told -> told.receiver().equals("account/acct7"));
        assertThat(site.tail()).isEqualTo("sync/INSERT");
        assertThat(site.json().path("id").asText()).matches("[0-9A-HJKMNP-TV-Z]{26}");
        assertThat(site.json().path("sk").asText())
                .isEqualTo("site#" + site.json().path("id").asText());
        var tariff = cloud.downlink().awaitTold(told -> told.receiver().equals("account/all"));
        assertThat(tariff.json().path("price").asDouble()).isEqualTo(0.1);
    }

    @Test
    void doesNotTellADeviceWhatItWroteItself() throws Exception {
        String device = cloud.device("acct1");

        cloud.syncUp(device, 1, """
                {"cmd":"create","key":"sensor#e","item":{"_type":"Sensor","sk":"sensor#e","label":"x","updated":"2026-11-20T10:00:00.000Z"}}""");
        cloud.ack(device, 1);
        cloud.sql("INSERT INTO cloud_main.sensor (device_id, id) VALUES (?, 'later')", device);

        cloud.downlink()
                .await(device, "sync/INSERT", row -> row.path("id").asText().equals("later"));
        assertThat(cloud.downlink().of(device, "sync/INSERT")).hasSize(1);
    }

    @Test
    void tellsAllOfARowWhoseLargeValuesDidNotChange() throws Exception {
        String device = cloud.device("acct1");
        StringBuilder notes = new StringBuilder();
        new Random(1).ints(40_000, 32, 126).forEach(c -> notes.append((char) c));
        cloud.sql("INSERT INTO cloud_main.sensor (device_id, id, notes) VALUES (?, 'n', ?)", device, notes.toString());

        cloud.sql("UPDATE cloud_main.sensor SET label = 'changed' WHERE device_id = ?", device);

        JsonNode modified = cloud.downlink().await(device, "sync/MODIFY", row -> true);
        assertThat(modified.path("label").asText()).isEqualTo("changed");
        assertThat(modified.path("notes").asText()).isEqualTo(notes.toString());
    }

    @Test
    void holdsSqlWritersToTheSchema() throws Exception {
        String device = cloud.device("acct1");
        cloud.sql("INSERT INTO cloud_main.sensor (device_id, id, mode) VALUES (?, 'h', 'auto')", device);

        assertThatThrownBy(() -> cloud.sql("INSERT INTO cloud_main.sensor (device_id) VALUES (?)", device))
                .isInstanceOf(PSQLException.class)
                .hasMessageContaining("Sensor needs a value for id");
        assertThatThrownBy(() -> cloud.sql("UPDATE cloud_main.sensor SET mode = 'off' WHERE device_id = ?", device))
                .hasMessageContaining("must be one of auto, manual");
        assertThatThrownBy(() -> cloud.sql("UPDATE cloud_main.sensor SET id = 'other' WHERE device_id = ?", device))
                .hasMessageContaining("a row keeps its id");
    }

    @Test
    void givesEachWriteOfARowALaterClock() throws Exception {
        String device = cloud.device("acct1");
        cloud.syncUp(device, 1, """
                {"cmd":"create","key":"sensor#c","item":{"_type":"Sensor","sk":"sensor#c","label":"x","updated":"%s"}}""".formatted(
                        io.mooring.contracts.clock.HybridTimestamp.formatMillis(System.currentTimeMillis() + 120_000)));
        cloud.ack(device, 1);

        cloud.sql("UPDATE cloud_main.sensor SET label = 'y' WHERE device_id = ?", device);
        cloud.sql("UPDATE cloud_main.sensor SET label = 'z' WHERE device_id = ?", device);

        List<String> clocks = cloud.query(
                "SELECT (_clock ->> '*') || ' ' || (_clock ->> 'label') FROM cloud_main.sensor WHERE device_id = ?",
                device);
        String[] parts = clocks.getFirst().split(" ");
        assertThat(parts[1]).startsWith(parts[0].substring(0, 24)).endsWith("-0002-cloud");
    }
}
