package io.mooring.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.contracts.sync.StreamPosition;
import io.mooring.devstack.launcher.Component;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FaultIT {
    private final Cloud cloud = Cloud.get();

    /**
     * All that data passes through, one by one, in the long run; else those the whole cloud's own test leaves the least
     * time, one after the other while the same messages pass: coming back takes longer than all the rest.
     */
    static List<List<Component>> victims() {
        return Boolean.getBoolean("mooring.long")
                ? List.of(
                        List.of(Component.SYNC),
                        List.of(Component.CONNECT),
                        List.of(Component.POSTGRESQL),
                        List.of(Component.KAFKA))
                : List.of(List.of(Component.SYNC, Component.POSTGRESQL));
    }

    @ParameterizedTest
    @MethodSource("victims")
    void losesNothingWhenKilled(List<Component> victims) throws Exception {
        String device = cloud.device("acct1");
        int messages = 60;

        for (int i = 0; i < messages; i++) {
            List<String> changes = new ArrayList<>();
            for (int j = 0; j < 10; j++) {
                changes.add("""
                        {"cmd":"create","key":"sensor#%1$d-%2$d","item":{"_type":"Sensor","sk":"sensor#%1$d-%2$d","label":"x",
                         "updated":"2026-11-20T10:00:00.000Z"}}""".formatted(i, j));
            }
            cloud.syncUp(device, i, changes.toArray(String[]::new));
            int next = i * victims.size() / messages;
            if (i == (2 * next + 1) * messages / (2 * victims.size())) {
                cloud.stack().kill(victims.get(next));
            }
        }

        Awaitility.await().atMost(Duration.ofSeconds(120)).untilAsserted(() -> {
            Set<Long> acknowledged = new HashSet<>();
            cloud.downlink()
                    .of(device, "sync/SYNC")
                    .forEach(ack -> acknowledged.add(ack.path("seq").asLong()));
            assertThat(acknowledged).hasSize(messages);
        });
        assertThat(cloud.query("SELECT count(*) FROM cloud_main.sensor WHERE device_id = ?", device))
                .containsExactly("600");
        for (Component victim : victims) {
            cloud.stack().awaitReady(victim);
        }
        cloud.sql("INSERT INTO cloud_main.sensor (device_id, id) VALUES (?, 'after')", device);
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(cloud.downlink().of(device, "sync/INSERT"))
                        .anyMatch(row -> row.path("id").asText().equals("after")));
    }

    @Test
    void startsWhileOthersAreAway() throws Exception {
        String device = cloud.device("acct1");
        for (Component away : List.of(Component.CONNECT, Component.KAFKA, Component.POSTGRESQL)) {
            cloud.stack().stop(away);
        }
        cloud.stack().kill(Component.SYNC);
        for (Component back : List.of(Component.POSTGRESQL, Component.KAFKA, Component.CONNECT)) {
            cloud.stack().start(back);
        }
        cloud.stack().awaitReady(Component.SYNC);

        cloud.sql("INSERT INTO cloud_main.sensor (device_id, id) VALUES (?, 'back')", device);

        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(cloud.downlink().of(device, "sync/INSERT"))
                        .anyMatch(row -> row.path("id").asText().equals("back")));
    }

    @Test
    void tellsARestoredDeviceWhatItWroteThoughTheStreamBringsItLater() throws Exception {
        String device = cloud.device("acct1");
        cloud.syncDown(device, "1970-01-01T00:00:00.000Z");
        String place = cloud.downlink()
                .await(device, "sync/SYNCDOWN", done -> true)
                .path("updated")
                .asText();
        cloud.stack().stop(Component.CONNECT);
        try {
            cloud.syncUp(device, 1, sensor("forgotten"));
            cloud.ack(device, 1);

            // Restored from an old copy, it asks from where it stood then, and is answered without what is not indexed
            // yet.
            cloud.syncDown(device, place);
            Awaitility.await()
                    .until(() -> cloud.downlink().of(device, "sync/SYNCDOWN").size() == 2);
            assertThat(sensors(device, "sync/UPSERT")).isEmpty();
            cloud.syncUp(device, 2, sensor("remembered"));
            cloud.ack(device, 2);
        } finally {
            cloud.stack().start(Component.CONNECT);
        }

        cloud.sql("INSERT INTO cloud_main.sensor (device_id, id) VALUES (?, 'last')", device);
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(() ->
                        assertThat(sensors(device, "sync/INSERT")).containsExactly("sensor#forgotten", "sensor#last"));
    }

    /** What it was told of its own; what is everybody's is other tests' matter. */
    private List<String> sensors(String device, String tail) {
        return cloud.downlink().of(device, tail).stream()
                .map(row -> row.path("sk").asText())
                .filter(sk -> sk.startsWith("sensor#"))
                .toList();
    }

    private static String sensor(String id) {
        return """
                {"cmd":"create","key":"sensor#%1$s","item":{"_type":"Sensor","sk":"sensor#%1$s","id":"%1$s","label":"x",
                 "updated":"2026-11-20T10:00:00.000Z"}}""".formatted(id);
    }

    @Test
    void beginsAnewWhenTheSlotIsLost() throws Exception {
        String device = cloud.device("acct1");
        cloud.sql("INSERT INTO cloud_main.sensor (device_id, id) VALUES (?, 'before')", device);
        cloud.downlink().await(device, "sync/INSERT", row -> true);
        connector("PUT", "/stop");
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .until(() -> cloud.query("SELECT pg_drop_replication_slot('mooring')::text")
                                .size()
                        == 1);
        cloud.sql("INSERT INTO cloud_main.sensor (device_id, id) VALUES (?, 'unseen')", device);

        JsonNode done = Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> cloud.downlink().of(device, "sync/SYNCDOWN"), list -> !list.isEmpty())
                .getFirst();

        assertThat(StreamPosition.parse(done.path("updated").asText()))
                .hasValueSatisfying(position -> assertThat(position.epoch()).isGreaterThan(1));
        assertThat(cloud.downlink().of(device, "sync/UPSERT"))
                .extracting(row -> row.path("id").asText())
                .contains("before", "unseen");
        cloud.sql("INSERT INTO cloud_main.sensor (device_id, id) VALUES (?, 'flows')", device);
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(cloud.downlink().of(device, "sync/INSERT"))
                        .anyMatch(row -> row.path("id").asText().equals("flows")));
    }

    private void connector(String method, String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(cloud.stack().url(Component.CONNECT) + "/connectors/mooring" + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            assertThat(client.send(request, HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isLessThan(300);
        }
    }
}
