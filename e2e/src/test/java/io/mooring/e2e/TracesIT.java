package io.mooring.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mooring.contracts.trace.TraceContext;
import io.mooring.e2e.TraceCollector.Step;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** One trace shows the whole way: of a row from device to device, of a row written by SQL, of a command and its answer. */
@ExtendWith(WholeCloud.class)
class TracesIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final JsonMapper JSON = new JsonMapper();
    private static final String SCHEMA = """
            {
                format: 'onetable:1.1.0',
                version: '1',
                models: {
                    Shared: {
                        pk:        {type: 'string', value: 'shared#${accountId}'},
                        sk:        {type: 'string', value: 'shared#${id}'},
                        id:        {type: 'string'},
                        accountId: {type: 'string'},
                        note:      {type: 'string'},
                        updated:   {type: 'date'},
                    },
                },
                process: {Shared: {enable: 'both', sync: 'both'}},
                params: {isoDates: true, nulls: false, timestamps: 'update', typeField: '_type'},
            }
            """;

    /** Of this try; a second one finds the cloud as the first left it. */
    private static String deviceCloud;

    private static TraceCollector collector;
    private static LocalCloud stack;
    private static CloudAccess cloud;
    private static TracedDevice writer;
    private static TracedDevice reader;

    @BeforeAll
    static void join(CloudAccess access, LocalCloud running, TraceCollector traces) throws Exception {
        collector = traces;
        stack = running;
        cloud = access;
        try (OperatorApi operator = new OperatorApi(cloud)) {
            int attempt = ThreadLocalRandom.current().nextInt(1_000, 10_000);
            deviceCloud = "traced" + attempt;
            operator.createCloud(deviceCloud);
            operator.putSchema(deviceCloud, SCHEMA);
            String product = operator.createProduct("traces", deviceCloud, true);
            writer = TracedDevice.join("TRFROM" + attempt, product, cloud, operator);
            reader = TracedDevice.join("TRTO00" + attempt, product, cloud, operator);
        }
    }

    @AfterAll
    static void leave() {
        for (TracedDevice device : new TracedDevice[] {writer, reader}) {
            if (device != null) {
                device.close();
            }
        }
    }

    @Test
    void followARowFromTheDeviceThatWroteItToAnother() throws Exception {
        TraceContext unrecorded = began(false);
        TraceContext began = began(true);

        writer.tell("db/syncToDynamo", shared("not to be recorded", 1), unrecorded);
        writer.tell("db/syncToDynamo", shared("followed", 2), began);

        Step sent = way(
                began,
                "mooring-bridge receive mqtt",
                "mooring-bridge send mooring.sync.uplink.v1",
                "mooring-sync process mooring.sync.uplink.v1",
                "mooring-sync capture",
                "mooring-sync process mooring.database.change.v1",
                "mooring-bridge receive mooring.device.downlink.v1",
                "mooring-bridge send mqtt");
        assertThat(sent.attributes()).containsEntry("messaging.client.id", reader.id());
        TracedDevice.Heard heard = reader.hears("followed");
        assertThat(heard.trace()).contains(new TraceContext(began.traceId(), sent.id(), true));

        // The commit was of more than the one row, perhaps; it is named by what it was for.
        Step taken = step(began, "mooring-sync process mooring.sync.uplink.v1");
        Step merged = step(began, "mooring-sync merge");
        assertThat(merged.parent()).isEqualTo(taken.id());
        assertThat(merged.links()).contains(taken.id());

        assertThat(reader.hears("not to be recorded").trace()).isEmpty();
        assertThat(collector.of(unrecorded.traceId())).isEmpty();
    }

    @Test
    void followARowThatSqlWrote() throws Exception {
        TraceContext began = began(true);
        try (Connection connection = cloud.connect()) {
            connection.setAutoCommit(false);
            try (PreparedStatement traced =
                    connection.prepareStatement("SELECT pg_logical_emit_message(true, 'traceparent', ?)")) {
                traced.setString(1, began.toString());
                traced.execute();
            }
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO cloud_" + deviceCloud
                    + ".shared (account_id, id, note) VALUES ('main', 'sql', 'by SQL')")) {
                insert.executeUpdate();
            }
            connection.commit();
        }

        // Both devices hear of it, each by a step of its own.
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(collector.of(began.traceId()))
                        .extracting(Step::label)
                        .containsExactlyInAnyOrder(
                                "mooring-sync capture",
                                "mooring-sync process mooring.database.change.v1",
                                "mooring-bridge receive mooring.device.downlink.v1",
                                "mooring-bridge send mqtt",
                                "mooring-bridge send mqtt"));
        assertThat(reader.hears("by SQL").trace()).isPresent();
    }

    @Test
    void followACommandAndItsAnswer() throws Exception {
        TraceContext began = began(true);
        try (ApplicationApi application =
                ApplicationApi.createIn(deviceCloud, stack, cloud, "traces", "[\"read\",\"command\"]")) {
            JsonNode command = JSON.readTree(application
                    .call(
                            "POST",
                            "/v1/commands",
                            "{\"command\":\"blink\",\"device\":\"" + reader.id() + "\"}",
                            TraceContext.TRACE_PARENT,
                            began.toString())
                    .body());

            Step sent = way(
                    began,
                    "mooring-messaging POST /v1/commands",
                    "mooring-sync capture",
                    "mooring-sync process mooring.database.change.v1",
                    "mooring-bridge receive mooring.device.downlink.v1",
                    "mooring-bridge send mqtt");
            String id = command.get("id").asText();
            TracedDevice.Heard heard = reader.hears(id);
            assertThat(heard.trace()).contains(new TraceContext(began.traceId(), sent.id(), true));

            String key = "result#main#" + reader.id() + "#" + id;
            reader.tell(
                    "db/syncToDynamo",
                    "{\"seq\":9,\"changes\":[{\"cmd\":\"create\",\"key\":\"" + key
                            + "\",\"item\":{\"_type\":\"CommandResult\",\"sk\":\"" + key + "\",\"id\":\"" + id
                            + "\",\"status\":\"succeeded\",\"updated\":\"" + now() + "\"}}]}",
                    heard.trace().orElseThrow());

            way(
                    heard.trace().orElseThrow(),
                    "mooring-bridge receive mqtt",
                    "mooring-bridge send mooring.sync.uplink.v1",
                    "mooring-sync process mooring.sync.uplink.v1");
            await().atMost(SOON)
                    .until(() -> application
                            .json("GET", "/v1/commands/" + id + "/devices/" + reader.id(), "")
                            .get("state")
                            .asText()
                            .equals("succeeded"));
        }
    }

    /** Follows a trace step by step: each is the one of its name that follows from the one before, and began no earlier. */
    private static Step way(TraceContext from, String... labels) {
        String parent = from.parentId();
        long since = 0;
        Step last = null;
        for (String label : labels) {
            String cause = parent;
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(next(from, cause, label))
                            .as("%s after %s, of %s", label, cause, collector.of(from.traceId()))
                            .hasSize(1));
            last = next(from, cause, label).getFirst();
            assertThat(last.startNanos()).as(label).isGreaterThanOrEqualTo(since);
            assertThat(last.endNanos()).as(label).isGreaterThanOrEqualTo(last.startNanos());
            since = last.startNanos();
            parent = last.id();
        }
        if (last == null) {
            throw new IllegalArgumentException("no steps");
        }
        return last;
    }

    private static List<Step> next(TraceContext trace, String cause, String label) {
        return collector.of(trace.traceId()).stream()
                .filter(step -> step.parent().equals(cause) && step.label().equals(label))
                .toList();
    }

    private static Step step(TraceContext trace, String label) {
        return collector.of(trace.traceId()).stream()
                .filter(step -> step.label().equals(label))
                .findFirst()
                .orElseThrow();
    }

    private static TraceContext began(boolean sampled) {
        byte[] ids = new byte[24];
        ThreadLocalRandom.current().nextBytes(ids);
        String hex = HexFormat.of().formatHex(ids);
        return new TraceContext(hex.substring(0, 32), hex.substring(32), sampled);
    }

    private static String shared(String note, int seq) {
        String key = "shared#" + seq;
        return "{\"seq\":" + seq + ",\"changes\":[{\"cmd\":\"update\",\"key\":\"" + key
                + "\",\"item\":{\"_type\":\"Shared\",\"sk\":\"" + key + "\",\"id\":\"" + seq
                + "\",\"accountId\":\"main\",\"note\":\"" + note + "\",\"updated\":\"" + now() + "\"}}]}";
    }

    private static String now() {
        return Instant.now().toString().substring(0, 23) + "Z";
    }
}
