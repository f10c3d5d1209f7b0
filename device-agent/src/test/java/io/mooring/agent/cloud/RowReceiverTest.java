package io.mooring.agent.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.agent.AgentEvent;
import io.mooring.agent.db.RemoteRow.Outcome;
import io.mooring.agent.db.TestDatabase;
import io.mooring.contracts.sync.RowState;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RowReceiverTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    Path folder;

    private TestDatabase device;
    private RowReceiver receiver;
    private final List<AgentEvent> events = new ArrayList<>();
    private int done;

    @BeforeEach
    void open() throws Exception {
        device = new TestDatabase(folder);
        receiver = new RowReceiver(
                device.database,
                device.rows,
                device.queue,
                device.remote,
                new SyncCodec(TestDatabase.DEVICE, false),
                events::add,
                () -> {});
    }

    @AfterEach
    void close() throws Exception {
        device.close();
    }

    private static ObjectNode entry(String operation, JsonNode row) {
        ObjectNode entry = JSON.createObjectNode().put("operation", operation);
        entry.set("row", row);
        return entry;
    }

    private static ObjectNode put(String id, int value, long atMillis) {
        return CloudSide.write(
                "Reading",
                "reading#" + id,
                TestDatabase.written(TestDatabase.cloud(atMillis), Map.of("id", id, "value", value)));
    }

    private static ObjectNode gone(String id, long atMillis) {
        return CloudSide.write("Reading", "reading#" + id, RowState.removed(TestDatabase.cloud(atMillis)));
    }

    private void take(JsonNode entries) throws Exception {
        receiver.take(
                List.of(new Inbound.Message(
                        "sync/ROWS", entries.toString().getBytes(StandardCharsets.UTF_8), () -> done++)),
                new InFlight());
    }

    private static ArrayNode entries(JsonNode... entries) {
        return JSON.createArrayNode().addAll(List.of(entries));
    }

    private int value(String id) throws Exception {
        return Objects.requireNonNull(device.row("reading#" + id).values().get("value"))
                .asInt();
    }

    private List<String> arrived() {
        return events.stream()
                .filter(AgentEvent.RowArrived.class::isInstance)
                .map(AgentEvent.RowArrived.class::cast)
                .map(row -> row.outcome() + " " + row.key())
                .toList();
    }

    @Test
    void takesAllRowsOfAMessageInTheirOrderAndTellsOfEach() throws Exception {
        long at = TestDatabase.START;

        take(entries(
                entry("INSERT", put("a", 1, at)),
                entry("UPSERT", put("b", 2, at)),
                entry("MODIFY", put("a", 3, at + 1)),
                entry("REMOVE", gone("b", at + 1))));

        assertThat(arrived())
                .containsExactly(
                        Outcome.INSERTED + " reading#a",
                        Outcome.INSERTED + " reading#b",
                        Outcome.MODIFIED + " reading#a",
                        Outcome.REMOVED + " reading#b");
        assertThat(value("a")).isEqualTo(3);
        assertThat(device.row("reading#b").clock().isLive()).isFalse();
        assertThat(done).isOne();
    }

    @Test
    void mergesEachByTheRule() throws Exception {
        take(entries(entry("INSERT", put("a", 1, TestDatabase.START + 10))));

        take(entries(
                entry("MODIFY", put("a", 2, TestDatabase.START)), entry("INSERT", put("b", 3, TestDatabase.START))));

        assertThat(value("a")).isOne();
        assertThat(value("b")).isEqualTo(3);
    }

    @Test
    void oneBadEntrySpoilsNoOther() throws Exception {
        long at = TestDatabase.START;
        ObjectNode badClock = put("c", 3, at);
        badClock.putObject("fields").put("value", "no clock");
        ObjectNode untyped = put("d", 4, at);
        untyped.remove("_type");
        ObjectNode unknown = put("u", 4, at);
        unknown.put("_type", "OfALaterSchema");

        take(entries(
                entry("INSERT", put("a", 1, at)),
                JSON.getNodeFactory().textNode("no entry"),
                entry("CREATE", put("e", 5, at)),
                entry("INSERT", JSON.nullNode()),
                entry("INSERT", badClock),
                entry("INSERT", untyped),
                entry("INSERT", unknown),
                entry("INSERT", put("z", 9, at))));

        assertThat(arrived()).containsExactly(Outcome.INSERTED + " reading#a", Outcome.INSERTED + " reading#z");
        assertThat(receiver.badMessages()).isEqualTo(5);
        assertThat(events.stream().filter(AgentEvent.Trouble.class::isInstance)).hasSize(5);
        assertThat(done).isOne();
    }

    @Test
    void aMessageThatIsNoListIsDoneWith() throws Exception {
        take(put("a", 1, TestDatabase.START));

        assertThat(arrived()).isEmpty();
        assertThat(receiver.badMessages()).isOne();
        assertThat(done).isOne();
    }

    @Test
    void saysThatItUnderstandsThemUnlessItSpeaksTheBaseProtocol() throws Exception {
        JsonNode asked =
                JSON.readTree(new SyncCodec(TestDatabase.DEVICE, false).catchUp("1970-01-01T00:00:00.000Z", 7));
        String base = new String(
                new SyncCodec(TestDatabase.DEVICE, true).catchUp("1970-01-01T00:00:00.000Z", 7),
                StandardCharsets.UTF_8);

        assertThat(asked.path("accepts").path(0).asText()).isEqualTo("ROWS");
        assertThat(base).isEqualTo("{\"timestamp\":\"1970-01-01T00:00:00.000Z\"}");
    }
}
