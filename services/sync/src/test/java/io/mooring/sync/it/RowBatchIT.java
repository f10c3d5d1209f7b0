package io.mooring.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.contracts.mqtt.DeviceTopics;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Several rows in one message, for devices that said that they understand it. */
class RowBatchIT {
    private static final String NEVER = "1970-01-01T00:00:00.000Z";
    private static final int ROWS = 40;

    private final Cloud cloud = Cloud.get();

    private String joined(boolean accepts) throws Exception {
        String device = cloud.device("acct1");
        ask(device, NEVER, accepts);
        caughtUp(device, 1);
        return device;
    }

    private void ask(String device, String since, boolean accepts) throws ExecutionException, InterruptedException {
        String forms = accepts ? ",\"accepts\":[\"LATER\",\"ROWS\"]" : "";
        cloud.send(device, "acct1", DeviceTopics.SYNC_DOWN, "{\"timestamp\":\"" + since + "\"" + forms + "}");
    }

    private String caughtUp(String device, int times) {
        return Awaitility.await(device + " has caught up")
                .atMost(java.time.Duration.ofSeconds(30))
                .until(() -> cloud.downlink().of(device, "sync/SYNCDOWN"), done -> done.size() >= times)
                .getLast()
                .path("updated")
                .asText();
    }

    /** Rows of a device, in one transaction. */
    private void write(String device, int from, int count) throws Exception {
        cloud.sql(
                "INSERT INTO cloud_main.sensor (device_id, id, label) SELECT ?, 'n' || n, 'as made'"
                        + " FROM generate_series(?, ?) n ORDER BY n",
                device,
                from,
                from + count - 1);
    }

    private record Told(String operation, String sk) {}

    /** What a device was told of its sensors, however it was told, in order. */
    private List<Told> told(String device) {
        List<Told> told = new ArrayList<>();
        for (DownlinkReader.Told message : cloud.downlink().all()) {
            if (!message.receiver().equals("device/" + device)) {
                continue;
            }
            if (message.tail().equals("sync/ROWS")) {
                message.json()
                        .forEach(entry -> add(told, entry.path("operation").asText(), entry.path("row")));
            } else if (message.json().has("_type")) {
                add(told, message.tail().substring("sync/".length()), message.json());
            }
        }
        return told;
    }

    private static void add(List<Told> told, String operation, JsonNode row) {
        if (row.path("_type").asText().equals("Sensor")) {
            told.add(new Told(operation, row.path("sk").asText()));
        }
    }

    private List<Told> awaitTold(String device, int count) {
        return Awaitility.await(device + " is told of " + count + " rows")
                .atMost(java.time.Duration.ofSeconds(30))
                .until(() -> told(device), told -> told.size() >= count);
    }

    private static List<Told> all(String operation, int from, int count) {
        return IntStream.range(from, from + count)
                .mapToObj(n -> new Told(operation, "sensor#n" + n))
                .toList();
    }

    @Test
    void packsChangesForADeviceThatSaidSoAndForNobodyElse() throws Exception {
        String batched = joined(true);
        String base = joined(false);
        String silent = cloud.device("acct1");

        for (String device : List.of(batched, base, silent)) {
            write(device, 0, ROWS);
        }

        assertThat(awaitTold(batched, ROWS)).isEqualTo(all("INSERT", 0, ROWS));
        assertThat(awaitTold(base, ROWS)).isEqualTo(all("INSERT", 0, ROWS));
        assertThat(awaitTold(silent, ROWS)).isEqualTo(all("INSERT", 0, ROWS));
        assertThat(cloud.downlink().of(base, "sync/ROWS")).isEmpty();
        assertThat(cloud.downlink().of(silent, "sync/ROWS")).isEmpty();
        assertThat(cloud.downlink().of(batched, "sync/ROWS")).isNotEmpty().hasSizeLessThan(ROWS / 4);
        // An entry's row is what the base form would have been.
        JsonNode row =
                cloud.downlink().of(batched, "sync/ROWS").getFirst().path(0).path("row");
        assertThat(row.path("fields").path("*").asText())
                .endsWith("-cloud")
                .isEqualTo(row.path("clock").asText());
        assertThat(row.path("label").asText()).isEqualTo("as made");
    }

    @Test
    void sendsASingleChangeInTheBaseForm() throws Exception {
        String device = joined(true);

        cloud.sql("INSERT INTO cloud_main.sensor (device_id, id) VALUES (?, 'alone')", device);

        cloud.downlink()
                .await(device, "sync/INSERT", row -> row.path("id").asText().equals("alone"));
        assertThat(cloud.downlink().of(device, "sync/ROWS")).isEmpty();
    }

    @Test
    void catchesUpInBatchesAndGetsTheReceiptsOfItsChunks() throws Exception {
        String device = cloud.device("acct1");
        write(device, 0, 1000);
        awaitTold(device, 1000);
        int before = told(device).size();
        cloud.sql("DELETE FROM cloud_main.sensor WHERE device_id = ? AND id = 'n7'", device);
        awaitTold(device, before + 1);

        ask(device, NEVER, true);
        caughtUp(device, 1);

        List<Told> caughtUp = told(device).subList(before + 1, told(device).size());
        assertThat(caughtUp).hasSize(1000);
        assertThat(caughtUp).contains(new Told("REMOVE", "sensor#n7")).doesNotContain(new Told("UPSERT", "sensor#n7"));
        List<DownlinkReader.Told> messages = cloud.downlink().all().stream()
                .filter(told -> told.receiver().equals("device/" + device)
                        && told.tail().equals("sync/ROWS"))
                .toList();
        assertThat(messages).hasSizeBetween(5, 40);
        assertThat(messages.stream().filter(told -> told.receipt().startsWith("catch-up/")))
                .hasSizeGreaterThanOrEqualTo(4);
        assertThat(cloud.downlink()
                        .of(device, "sync/SYNCDOWN")
                        .getLast()
                        .path("rows")
                        .asInt())
                .isGreaterThanOrEqualTo(1000);
    }

    @Test
    void forgetsItWhenTheDeviceNextAsksWithout() throws Exception {
        String device = joined(true);
        write(device, 0, ROWS);
        awaitTold(device, ROWS);
        int packed = cloud.downlink().of(device, "sync/ROWS").size();
        assertThat(packed).isPositive();

        // Another program on the same device: it has understood nothing of that, and stands where it stood.
        ask(device, NEVER, false);
        caughtUp(device, 2);

        assertThat(told(device)).hasSize(2 * ROWS);
        write(device, ROWS, ROWS);
        awaitTold(device, 3 * ROWS);
        assertThat(cloud.downlink().of(device, "sync/ROWS")).hasSize(packed);
        assertThat(told(device).subList(2 * ROWS, 3 * ROWS)).isEqualTo(all("INSERT", ROWS, ROWS));
    }
}
