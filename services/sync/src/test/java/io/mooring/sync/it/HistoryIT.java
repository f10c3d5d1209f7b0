package io.mooring.sync.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.contracts.mqtt.DeviceTopics;
import java.io.IOException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class HistoryIT {
    private static final String THEN = "2026-11-20T10:00:00.000Z";
    /** Of nobody else: other tests count what an account is told. */
    private static final String ACCOUNT = "history";

    private final Cloud cloud = Cloud.get();

    @Test
    void keepsVersionsWhoeverWrites() throws Exception {
        String device = cloud.device(ACCOUNT);
        String key = "site#h" + device;

        cloud.send(device, ACCOUNT, DeviceTopics.SYNC_UP, """
                {"seq":1,"changes":[{"cmd":"create","key":"%1$s","item":{"_type":"Site","sk":"%1$s","id":"h%2$s",
                 "name":"Old mill","updated":"%3$s"}}]}""".formatted(key, device, THEN));
        cloud.ack(device, 1);
        cloud.sql("UPDATE cloud_main.site SET name = 'New mill' WHERE sk = ?", key);
        cloud.sql("UPDATE cloud_main.site SET name = 'New mill' WHERE sk = ?", key); // changes nothing
        cloud.sql("DELETE FROM cloud_main.site WHERE sk = ?", key);

        JsonNode versions = history(key);
        assertThat(versions.findValuesAsText("op")).containsExactly("delete", "update", "insert");
        JsonNode inserted = versions.path(2);
        assertThat(inserted.path("role").asText()).isEqualTo("mooring_sync");
        assertThat(inserted.path("clocks").path("*").asText()).isEqualTo(THEN + "-0000-" + device);
        assertThat(inserted.path("before").isNull()).isTrue();
        assertThat(inserted.path("after").path("name").asText()).isEqualTo("Old mill");
        JsonNode updated = versions.path(1);
        assertThat(updated.path("role").asText()).isEqualTo("mooring_operator");
        assertThat(updated.path("clocks").path("name").asText()).endsWith("-cloud");
        assertThat(updated.path("before").toString()).isEqualTo("{\"name\":\"Old mill\"}");
        assertThat(updated.path("after").toString()).isEqualTo("{\"name\":\"New mill\"}");
        JsonNode deleted = versions.path(0);
        assertThat(deleted.path("clocks").path("-").asText()).endsWith("-cloud");
        assertThat(deleted.path("before").path("name").asText()).isEqualTo("New mill");
        assertThat(cloud.query("SELECT op FROM cloud_main._history WHERE sk = ? ORDER BY id", key))
                .containsExactly("insert", "update", "delete");
    }

    @Test
    void letsApplicationsChangeNothingOfIt() {
        assertThatExceptionOfType(SQLException.class)
                .isThrownBy(() -> cloud.sql("DELETE FROM cloud_main._history"))
                .withMessageContaining("permission denied");
    }

    private JsonNode history(String key) throws IOException, InterruptedException {
        return Cloud.JSON
                .readTree(cloud.http(
                                "GET",
                                "/v1/clouds/main/history?model=Site&owner=" + ACCOUNT + "&key="
                                        + key.replace("#", "%23"),
                                "",
                                cloud.stack().secrets().serviceToken("launcher", "sync"))
                        .body())
                .path("versions");
    }
}
