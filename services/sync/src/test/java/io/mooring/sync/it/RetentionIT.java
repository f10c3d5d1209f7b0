package io.mooring.sync.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.contracts.mqtt.DeviceTopics;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Rows expire, and what only long absent devices would need is forgotten, without harm to them. */
class RetentionIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    private final Cloud cloud = Cloud.get();

    @Test
    void removesRowsWhoseTimeHasCome() throws Exception {
        String device = cloud.device("acct1");
        cloud.sql(
                "INSERT INTO cloud_main.broadcast (device_id, key, expires) SELECT ?, 'k' || n,"
                        + " CASE WHEN n < 1500 THEN now() - interval '1 s' ELSE now() + interval '1 day' END"
                        + " FROM generate_series(0, 1500) n",
                device);

        await().atMost(SOON)
                .until(() -> cloud.query("SELECT key FROM cloud_main.broadcast WHERE device_id = ?", device)
                        .equals(java.util.List.of("k1500")));
        cloud.downlink()
                .await(device, "sync/REMOVE", row -> row.path("sk").asText().equals("bcast#k7"));
        assertThat(cloud.query("SELECT count(*) FROM cloud_main._tombstone WHERE owner = ?", device))
                .containsExactly("1500");
    }

    @Test
    void givesADeviceThatWasAwayForTooLongEverythingAnew() throws Exception {
        String device = cloud.device("acct1");
        cloud.sql("INSERT INTO cloud_main.broadcast (device_id, key) VALUES (?, 'stays'), (?, 'goes')", device, device);
        String early =
                catchUp(device, "1970-01-01T00:00:00.000Z", 1).path("updated").asText();
        cloud.sql("DELETE FROM cloud_main.broadcast WHERE device_id = ? AND key = 'goes'", device);
        cloud.downlink()
                .await(device, "sync/REMOVE", row -> row.path("sk").asText().equals("bcast#goes"));
        String late = catchUp(device, early, 2).path("updated").asText();
        assertThat(late).isGreaterThan(early);

        // three months pass
        cloud.query(
                "UPDATE cloud_main._tombstone SET buried = now() - interval '100 days' WHERE owner = ? RETURNING 1",
                device);
        // that is a change of the table as well: until the stream is past it, a mark would lie before it
        cloud.sql("INSERT INTO cloud_main.broadcast (device_id, key) VALUES (?, 'after')", device);
        cloud.downlink()
                .await(device, "sync/INSERT", row -> row.path("sk").asText().equals("bcast#after"));
        cloud.query("INSERT INTO sync.stream_mark (at, epoch, next)"
                + " SELECT now() - interval '91 days', epoch, next FROM sync.stream RETURNING 1");

        await().atMost(SOON)
                .until(() -> cloud.query("SELECT sk FROM cloud_main._tombstone WHERE owner = ?", device)
                        .isEmpty());
        await().atMost(SOON)
                .until(() -> cloud.query("SELECT sk FROM sync.change_index WHERE receiver = ?", "device/" + device)
                        .isEmpty());
        JsonNode anew = catchUp(device, early, 3);
        assertThat(anew.path("whole").toString()).contains("Broadcast").doesNotContain("Store");
        assertThat(anew.path("rows").asInt()).isGreaterThanOrEqualTo(1);
    }

    private JsonNode catchUp(String device, String since, int request) throws Exception {
        cloud.send(
                device,
                "acct1",
                DeviceTopics.SYNC_DOWN,
                "{\"timestamp\":\"" + since + "\",\"request\":" + request + "}");
        return cloud.downlink()
                .await(device, "sync/SYNCDOWN", json -> json.path("request").asInt() == request);
    }
}
