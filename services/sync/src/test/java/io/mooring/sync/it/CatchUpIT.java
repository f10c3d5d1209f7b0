package io.mooring.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;

class CatchUpIT {
    private static final String NEVER = "1970-01-01T00:00:00.000Z";

    private final Cloud cloud = Cloud.get();

    /** Waits until a device has caught up for the n-th time; answers where it stands. */
    private String caughtUp(String device, int times) {
        return org.awaitility.Awaitility.await()
                .atMost(java.time.Duration.ofSeconds(30))
                .until(() -> cloud.downlink().of(device, "sync/SYNCDOWN"), done -> done.size() >= times)
                .get(times - 1)
                .path("updated")
                .asText();
    }

    private List<String> keys(String device, String tail) {
        return cloud.downlink().of(device, tail).stream()
                .map(row -> row.path("sk").asText())
                .filter(sk -> !sk.startsWith("tariff#"))
                .toList();
    }

    @Test
    void givesANewDeviceEverythingThatConcernsIt() throws Exception {
        String device = cloud.device("acct2");
        String other = cloud.device("acct3");
        cloud.sql(
                "INSERT INTO cloud_main.sensor (device_id, id) SELECT ?, 'n' || n FROM generate_series(1, 450) n",
                device);
        cloud.sql("INSERT INTO cloud_main.sensor (device_id, id) VALUES (?, 'foreign')", other);
        cloud.sql("INSERT INTO cloud_main.site (account_id, id) VALUES ('acct2', 'ours'), ('acct3', 'theirs')");
        cloud.sql("INSERT INTO cloud_main.tariff (name, price) VALUES ('day', 1)");
        cloud.sql("DELETE FROM cloud_main.sensor WHERE device_id = ? AND id = 'n7'", device);

        cloud.send(device, "acct2", "db/syncDown", "{\"timestamp\":\"" + NEVER + "\"}");

        String position = caughtUp(device, 1);
        assertThat(keys(device, "sync/UPSERT"))
                .hasSize(450)
                .contains("sensor#n1", "sensor#n450", "site#ours")
                .doesNotContain("sensor#n7", "sensor#foreign", "site#theirs");
        assertThat(cloud.downlink().of(device, "sync/UPSERT"))
                .anyMatch(row -> row.path("sk").asText().equals("tariff#day"));
        assertThat(keys(device, "sync/REMOVE")).contains("sensor#n7");
        // That it was told so is noted after the telling.
        org.awaitility.Awaitility.await()
                .until(() -> cloud.query("SELECT device FROM sync.catch_up WHERE device = ?", device)
                        .isEmpty());
        cloud.syncUp(device, 9);
        assertThat(cloud.ack(device, 9).path("updated").asText()).isEqualTo(position);
    }

    @Test
    void givesOnlyWhatADeviceMissedDeletionsIncluded() throws Exception {
        String device = cloud.device("acct1");
        cloud.sql(
                "INSERT INTO cloud_main.sensor (device_id, id) VALUES (?, 'kept'), (?, 'changed'), (?, 'gone')",
                device,
                device,
                device);
        cloud.downlink()
                .await(device, "sync/INSERT", row -> row.path("id").asText().equals("gone"));
        cloud.syncDown(device, NEVER);
        String position = caughtUp(device, 1);
        int before = keys(device, "sync/UPSERT").size();

        cloud.sql("UPDATE cloud_main.sensor SET label = 'x' WHERE device_id = ? AND id = 'changed'", device);
        cloud.sql("DELETE FROM cloud_main.sensor WHERE device_id = ? AND id = 'gone'", device);
        cloud.downlink().await(device, "sync/REMOVE", row -> true);
        cloud.syncDown(device, position);

        assertThat(caughtUp(device, 2)).isGreaterThan(position);
        assertThat(keys(device, "sync/UPSERT")).hasSize(before + 1);
        assertThat(keys(device, "sync/UPSERT").getLast()).isEqualTo("sensor#changed");
        assertThat(keys(device, "sync/REMOVE")).containsExactly("sensor#gone", "sensor#gone");
    }

    @Test
    void doesNotMissWhatWasWrittenEarlierAndCommittedLater() throws Exception {
        String device = cloud.device("acct1");
        try (Connection slow = cloud.stack().connection("mooring_operator");
                Statement statement = slow.createStatement()) {
            slow.setAutoCommit(false);
            statement.execute("INSERT INTO cloud_main.sensor (device_id, id) VALUES ('" + device + "', 'slow')");
            cloud.sql("INSERT INTO cloud_main.sensor (device_id, id) VALUES (?, 'quick')", device);
            cloud.downlink()
                    .await(device, "sync/INSERT", row -> row.path("id").asText().equals("quick"));
            cloud.syncDown(device, NEVER);
            String position = caughtUp(device, 1);
            assertThat(keys(device, "sync/UPSERT")).containsExactly("sensor#quick");

            slow.commit();
            cloud.downlink()
                    .await(device, "sync/INSERT", row -> row.path("id").asText().equals("slow"));
            cloud.syncDown(device, position);
        }

        caughtUp(device, 2);
        assertThat(keys(device, "sync/UPSERT")).containsExactly("sensor#quick", "sensor#slow");
    }

    @Test
    void givesADeviceWhatItSentBeforeItForgotIt() throws Exception {
        String device = cloud.device("acct1");
        cloud.sql("INSERT INTO cloud_main.sensor (device_id, id) VALUES (?, 'a')", device);
        try (Connection slow = cloud.stack().connection("mooring_operator");
                Statement statement = slow.createStatement()) {
            slow.setAutoCommit(false);
            // The merge of what the device sent comes to a halt at this row.
            statement.execute("SELECT 1 FROM cloud_main.sensor WHERE device_id = '" + device + "' FOR UPDATE");
            cloud.syncUp(
                    device,
                    1,
                    "{\"cmd\":\"create\",\"key\":\"sensor#b\",\"item\":{\"_type\":\"Sensor\",\"sk\":\"sensor#b\",\"id\":\"b\"}}",
                    "{\"cmd\":\"update\",\"key\":\"sensor#a\",\"item\":{\"_type\":\"Sensor\",\"sk\":\"sensor#a\",\"id\":\"a\"}}");
            // Wiped, it asks for everything.
            cloud.syncDown(device, NEVER);
            org.awaitility.Awaitility.await()
                    .until(() -> cloud.query("SELECT device FROM sync.catch_up WHERE device = ?", device)
                                    .size()
                            == 1);
            assertThat(cloud.downlink().of(device, "sync/SYNCDOWN")).isEmpty();
            slow.commit();
        }

        caughtUp(device, 1);
        assertThat(keys(device, "sync/UPSERT")).contains("sensor#a", "sensor#b");
    }

    @Test
    void givesEverythingToADeviceThatStandsNowhere() throws Exception {
        String device = cloud.device("acct1");
        cloud.sql("INSERT INTO cloud_main.sensor (device_id, id) VALUES (?, 'a')", device);
        cloud.downlink().await(device, "sync/INSERT", row -> true);

        cloud.syncDown(device, "2026-11-20T10:00:00.000Z");
        caughtUp(device, 1);
        cloud.send(device, "acct1", "db/syncDown", "no JSON");
        caughtUp(device, 2);

        assertThat(keys(device, "sync/UPSERT")).containsExactly("sensor#a", "sensor#a");
    }

    @Test
    void acknowledgesNoPlaceThatADeviceMayNotHaveReached() throws Exception {
        String device = cloud.device("acct1");
        cloud.syncDown(device, NEVER);
        String position = caughtUp(device, 1);
        cloud.syncUp(device, 1);
        assertThat(cloud.ack(device, 1).path("updated").asText()).isEqualTo(position);

        // It comes back and has not got that: whatever was sent last time counts for nothing.
        cloud.syncDown(device, NEVER);
        cloud.syncUp(device, 2);

        String later = caughtUp(device, 2);
        assertThat(cloud.ack(device, 2).path("updated").asText()).isIn(NEVER, later);
        cloud.syncDown(device, "\\u0000");
        caughtUp(device, 3);
    }

    @Test
    void startsADeviceAnewThatChangedHands() throws Exception {
        String device = cloud.device("acct1");
        cloud.sql("INSERT INTO cloud_main.sensor (device_id, id) VALUES (?, 'a')", device);
        cloud.downlink().await(device, "sync/INSERT", row -> true);
        cloud.syncDown(device, NEVER);
        String position = caughtUp(device, 1);

        cloud.register(device, "acct5");

        cloud.downlink()
                .await(
                        device,
                        "sync/MODIFY",
                        row -> row.path("accountId").asText().equals("acct5"));
        cloud.send(device, "acct5", "db/syncDown", "{\"timestamp\":\"" + position + "\"}");
        caughtUp(device, 2);
        assertThat(keys(device, "sync/UPSERT")).hasSize(2);
    }

    @Test
    void healsADeviceThatLostWhatItWrote() throws Exception {
        String device = cloud.device("acct1");
        cloud.syncDown(device, NEVER);
        String backup = caughtUp(device, 1);
        cloud.syncUp(device, 1, """
                {"cmd":"create","key":"sensor#own","item":{"_type":"Sensor","sk":"sensor#own","label":"x","updated":"2026-11-20T10:00:00.000Z"}}""");
        cloud.ack(device, 1);
        cloud.sql("INSERT INTO cloud_main.sensor (device_id, id) VALUES (?, 'told')", device);
        cloud.downlink().await(device, "sync/INSERT", row -> true);

        cloud.send(device, "acct1", "db/syncDown", "{\"timestamp\":\"" + backup + "\",\"request\":7}");

        caughtUp(device, 2);
        assertThat(keys(device, "sync/UPSERT")).containsExactly("sensor#own", "sensor#told");
        assertThat(cloud.downlink()
                        .of(device, "sync/SYNCDOWN")
                        .getLast()
                        .path("request")
                        .asInt())
                .isEqualTo(7);
        cloud.syncDown(device, NEVER);
        caughtUp(device, 3);
        assertThat(keys(device, "sync/UPSERT")).hasSize(4);
    }
}
