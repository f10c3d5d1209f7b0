package io.mooring.sync.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.contracts.kafka.Topic;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a schema asks of rows holds for devices and for SQL. */
class RulesIT {
    private static final String THEN = "2026-11-20T10:00:00.000Z";

    private final Cloud cloud = Cloud.get();

    private static String rule(String id, String fields) {
        return "{\"cmd\":\"create\",\"key\":\"rule#%1$s\",\"item\":{\"_type\":\"Rule\",\"sk\":\"rule#%1$s\",\"id\":\"%1$s\",%2$s,\"updated\":\"%3$s\"}}"
                .formatted(id, fields, THEN);
    }

    @Test
    void refusesADevicesChangeAndTellsWhatStands() throws Exception {
        String device = cloud.device("acct1");

        cloud.syncUp(
                device,
                1,
                rule("a", "\"name\":\"one\",\"limits\":{\"high\":7}"),
                rule("b", "\"name\":\"one\""),
                rule("c", "\"mode\":\"on\""),
                rule("d", "\"name\":\"four\",\"limits\":{\"high\":\"x\"}"),
                rule("e", "\"name\":\"five\",\"mode\":\"off\""));

        JsonNode ack = cloud.ack(device, 1);
        assertThat(ack.path("keys")).hasSize(5);
        assertThat(ack.path("refused").findValuesAsText("key")).containsExactly("rule#b", "rule#c", "rule#d");
        assertThat(ack.path("refused").findValuesAsText("code"))
                .containsExactly("not-unique", "required", "wrong-type");
        assertThat(cloud.query(
                        "SELECT id || mode || title FROM cloud_main.rule WHERE device_id = ? ORDER BY id", device))
                .containsExactly("aonrule one", "eoffrule five");
        for (String refused : List.of("rule#b", "rule#c", "rule#d")) {
            cloud.downlink()
                    .await(device, "sync/REMOVE", row -> row.path("sk").asText().equals(refused));
        }
        JsonNode completed = cloud.downlink()
                .await(device, "sync/UPSERT", row -> row.path("sk").asText().equals("rule#a"));
        assertThat(completed.path("mode").asText()).isEqualTo("on");
        assertThat(completed.path("title").asText()).isEqualTo("rule one");
        assertThat(completed.path("place").asText()).isEqualTo("a");
        cloud.reader(Topic.SYNC_UPLINK.deadLetterName(cloud.stack().topicsPrefix()))
                .awaitTold(told -> told.code().equals("not-unique")
                        && told.json()
                                .path("changes")
                                .path(0)
                                .path("key")
                                .asText()
                                .equals("rule#b"));
    }

    @Test
    void saysToSqlWhatIsWrong() throws Exception {
        String device = cloud.device("acct1");
        String insert =
                "INSERT INTO cloud_main.rule (device_id, id, name, %s) VALUES ('" + device + "', '%s', '%s', %s)";
        cloud.sql(insert.formatted("serial", "a", "one", "'s1'"));

        assertRefused(insert.formatted("mode", "b", "two", "'dim'"), "Rule.mode must be one of on, off");
        assertRefused(insert.formatted("limits", "b", "two", "'{}'"), "Rule.limits.high is required");
        assertRefused(insert.formatted("limits", "b", "two", "'[]'"), "Rule.limits must be an object");
        assertRefused(insert.formatted("tags", "b", "two", "'[\"x\", 1]'"), "each item of Rule.tags");
        assertRefused(insert.formatted("mode", "b", "one", "'on'"), "rule_name_unique");
        assertRefused(
                "UPDATE cloud_main.rule SET name = NULL WHERE device_id = '" + device + "'", "needs a value for name");
        assertRefused(
                "UPDATE cloud_main.rule SET serial = 's2' WHERE device_id = '" + device + "'", "keeps its first value");
        assertRefused(
                "UPDATE cloud_main.rule SET limits = '{\"high\": \"x\"}' WHERE device_id = '" + device + "'",
                "Rule.limits.high must be of type number");
        assertThat(cloud.query("SELECT mode || title || place FROM cloud_main.rule WHERE device_id = ?", device))
                .containsExactly("onrule onea");
        cloud.sql("UPDATE cloud_main.rule SET name = 'two' WHERE device_id = ?", device);
        assertThat(cloud.query("SELECT title FROM cloud_main.rule WHERE device_id = ?", device))
                .containsExactly("rule two");
    }

    private void assertRefused(String sql, String message) {
        assertThatThrownBy(() -> cloud.sql(sql))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining(message);
    }

    /** Devices and applications go for the same values at once: each goes to one, and nobody waits for ever. */
    @Test
    void givesAUniqueValueToOneOfManyWhoWantIt() throws Exception {
        List<String> devices = List.of(cloud.device("acct1"), cloud.device("acct1"), cloud.device("acct1"));
        AtomicInteger taken = new AtomicInteger();
        try (ExecutorService applications = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> writers = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                String name = "badge" + i;
                for (int d = 0; d < devices.size(); d++) {
                    cloud.syncUp(
                            devices.get(d),
                            i,
                            "{\"cmd\":\"create\",\"key\":\"badge#%1$d\",\"item\":{\"_type\":\"Badge\",\"sk\":\"badge#%1$d\",\"n\":%1$d,\"code\":\"%2$s\",\"updated\":\"%3$s\"}}"
                                    .formatted(i, name, THEN));
                }
                int n = 1000 + i;
                writers.add(applications.submit(() -> {
                    try {
                        taken.addAndGet(cloud.sql(
                                "INSERT INTO cloud_main.badge (device_id, n, code) VALUES (?, ?, ?)",
                                devices.getFirst(),
                                (double) n,
                                name));
                    } catch (SQLException e) {
                        assertThat(e.getSQLState()).isEqualTo("23505");
                    }
                    return null;
                }));
            }
            for (Future<?> writer : writers) {
                writer.get();
            }
        }
        for (String device : devices) {
            for (int i = 0; i < 20; i++) {
                cloud.ack(device, i);
            }
        }
        assertThat(cloud.query("SELECT count(*) || ' of ' || count(DISTINCT code) FROM cloud_main.badge"))
                .containsExactly("20 of 20");
        assertThat(taken.get()).isBetween(0, 20);
    }

    @Test
    void takesUpRulesOnlyIfTheRowsKeepThem() throws Exception {
        String before = Cloud.schema();
        String device = cloud.device("acct1");
        cloud.sql(
                "INSERT INTO cloud_main.badge (device_id, n, note) VALUES (?, 1, 'same'), (?, 2, 'same')",
                device,
                device);

        var refused =
                cloud.putSchema(before.replace("note:    {type: 'string'", "note:    {type: 'string', unique: true"));

        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(refused.body()).contains("models.Badge.note.unique", "rows-break-rule");
        cloud.sql("DELETE FROM cloud_main.badge WHERE device_id = ?", device);
    }
}
