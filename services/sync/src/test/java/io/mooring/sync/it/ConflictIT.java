package io.mooring.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.sync.db.ConflictStore;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

class ConflictIT {
    private static final String THEN = "2026-11-20T10:00:00.000Z";

    private final Cloud cloud = Cloud.get();

    private static String sensor(String id, String members) {
        return "{\"cmd\":\"update\",\"key\":\"sensor#" + id + "\",\"item\":{\"_type\":\"Sensor\",\"sk\":\"sensor#" + id
                + "\"," + members + ",\"updated\":\"" + THEN + "\"}}";
    }

    @Test
    void keepsWhatADeviceLost() throws Exception {
        String device = cloud.device("acct1");
        cloud.sql(
                "INSERT INTO cloud_main.sensor (device_id, id, label, \"limit\") VALUES (?, 'c', 'by cloud', 5)",
                device);
        cloud.sql("INSERT INTO cloud_main.tariff (name, price) VALUES (?, 7)", device);
        String tariff = """
                {"cmd":"update","key":"tariff#%1$s","item":{"_type":"Tariff","sk":"tariff#%1$s","name":"%1$s","price":1,"updated":"%2$s"}}""".formatted(device, THEN);
        String[] changes = {sensor("c", "\"label\":\"by device\",\"limit\":5"), tariff, sensor("d", "\"mode\":\"wild\"")
        };

        cloud.syncUp(device, 1, changes);
        cloud.ack(device, 1);
        cloud.syncUp(device, 2, changes); // as a device does that heard of no acknowledgement
        cloud.ack(device, 2);

        JsonNode all = conflicts("device=" + device);
        assertThat(all.path("conflicts").findValuesAsText("reason"))
                .containsExactlyInAnyOrder("later-write", "direction", "not-allowed");
        JsonNode lost = conflicts("device=" + device + "&key=sensor%23c")
                .path("conflicts")
                .path(0);
        assertThat(lost.path("model").asText()).isEqualTo("Sensor");
        assertThat(lost.path("clock").asText()).startsWith(THEN);
        assertThat(lost.path("fields").path("label").path("lost").asText()).isEqualTo("by device");
        assertThat(lost.path("fields").path("label").path("standing").asText()).isEqualTo("by cloud");
        assertThat(lost.path("fields").has("limit")).isFalse(); // both say 5
        assertThat(conflicts("device=" + device + "&model=Tariff")
                        .path("conflicts")
                        .path(0)
                        .path("fields")
                        .path("price")
                        .path("standing")
                        .asInt())
                .isEqualTo(7);
    }

    @Test
    void givesConflictsPageByPage() throws Exception {
        String device = cloud.device("acct1");
        cloud.sql(
                "INSERT INTO cloud_main.sensor (device_id, id, label) SELECT ?, n::text, 'c' FROM generate_series(1, 3) n",
                device);
        cloud.syncUp(
                device,
                1,
                sensor("1", "\"label\":\"x\""),
                sensor("2", "\"label\":\"x\""),
                sensor("3", "\"label\":\"x\""));
        cloud.ack(device, 1);

        JsonNode first = conflicts("device=" + device + "&limit=2");
        JsonNode second = conflicts(
                "device=" + device + "&limit=2&before=" + first.path("next").asText());

        assertThat(first.path("conflicts")).hasSize(2);
        assertThat(second.path("conflicts")).hasSize(1);
        assertThat(second.has("next")).isFalse();
        assertThat(get("limit=0").statusCode()).isEqualTo(400);
    }

    @Test
    void letsGoOfWhatIsOldOrTooMuch() throws Exception {
        try (Connection connection = cloud.stack().connection("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute("""
                    INSERT INTO sync.conflict (cloud, device, model, sk, clock, reason, fields, noted)
                    SELECT 'pruned', d, 'M', n::text, '', 'later-write', '{}', now() - n * interval '1 day'
                    FROM unnest(ARRAY['few', 'many']) d, generate_series(0, CASE d WHEN 'few' THEN 1 ELSE 9 END) n""");

            ConflictStore.prune(connection, 7, 4, 60);
        }

        assertThat(cloud.query(
                        "SELECT count(*) FROM sync.conflict WHERE cloud = 'pruned' GROUP BY device ORDER BY device"))
                .containsExactly("2", "4");
    }

    private JsonNode conflicts(String query) throws IOException, InterruptedException {
        return Cloud.JSON.readTree(get(query).body());
    }

    private HttpResponse<String> get(String query) throws IOException, InterruptedException {
        return cloud.http(
                "GET",
                "/v1/clouds/main/conflicts?" + query,
                "",
                cloud.stack().secrets().serviceToken("launcher", "sync"));
    }
}
