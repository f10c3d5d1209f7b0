package io.mooring.metrics.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.Topic;
import io.mooring.devstack.launcher.Component;
import io.mooring.metrics.it.Cloud.Answer;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Points in by Kafka and HTTP, numbers out; nothing lost and nothing twice. */
class MetricsIT {
    private static final Cloud CLOUD = Cloud.get();

    /** How many points of the metric "kill" count, for owners of a kind: each is in one window of one span. */
    private static final String COUNT = """
            SELECT coalesce(sum(w.count), 0)::bigint FROM (
              SELECT series, start, count FROM metrics.window_0 WHERE start >= (SELECT folded FROM metrics.fold WHERE span = 0)
              UNION ALL
              SELECT series, start, count FROM metrics.window_1 WHERE start >= (SELECT folded FROM metrics.fold WHERE span = 1)
              UNION ALL
              SELECT series, start, count FROM metrics.window_2 WHERE start >= (SELECT folded FROM metrics.fold WHERE span = 2)
            ) w JOIN metrics.series s ON s.id = w.series WHERE s.metric = 'kill' AND s.kind = ?""";

    @Test
    void aPointCountsForItsDeviceItsProductAndItsCloud() throws Exception {
        String one = CLOUD.device("P-both");
        String other = CLOUD.device("P-both");

        CLOUD.set(one, "{'metric':'both','value':4,'dimensions':[{'Device':'${deviceId}'},{}]}");
        CLOUD.set(other, "{'metric':'both','value':8.5,'dimensions':[{'Device':'${deviceId}'}]}");

        assertThat(CLOUD.asks(
                        one, "{'metric':'both','dimensions':{'Device':'${deviceId}'},'period':300,'statistic':'sum'}"))
                .isEqualTo("4");
        assertThat(CLOUD.asks(
                        other,
                        "{'metric':'both','dimensions':{'Device':'${deviceId}'},'period':300,'statistic':'current'}"))
                .isEqualTo("8.5");
        await().atMost(Cloud.PATIENCE)
                .untilAsserted(() -> assertThat(
                                CLOUD.asks(one, "{'metric':'both','dimensions':[{}],'period':300,'statistic':'max'}"))
                        .isEqualTo("8.5"));
        assertThat(CLOUD.asks(
                        one, "{'metric':'both','dimensions':{'Product':'P-both'},'period':3600,'statistic':'avg'}"))
                .isEqualTo("6.25");
        assertThat(CLOUD.asks(one, "{'metric':'unheard of','period':300,'statistic':'avg'}"))
                .isEqualTo("0");
    }

    @Test
    void aBatchSentTwiceCountsOnceAndEachPointStandsAlone() throws Exception {
        String device = CLOUD.device("P-batch");
        Instant now = Instant.now();
        String body = ("{'id':'b1','points':[{'metric':'b','value':1},{'metric':'b','value':'NaN'},"
                        + "{'metric':'b','points':[[%d,2],['%s',3],['2020-01-01T00:00:00Z',4]]}]}")
                .formatted(now.minusSeconds(1200).toEpochMilli(), now.minus(Duration.ofDays(3)));

        CLOUD.says(device, "metric/batch", Cloud.gzip(body));
        CLOUD.says(device, "metric/batch", Cloud.gzip(body));

        Cloud.Told first = CLOUD.await(
                Topic.DEVICE_DOWNLINK,
                record -> record.key().equals(device)
                        && record.header(EventHeaders.TOPIC).equals("metric/batch")
                        && record.json().has("taken"));
        assertThat(first.json().path("taken").asInt()).isEqualTo(3);
        assertThat(first.json().findValuesAsText("code")).containsExactly("bad-value", "time-out-of-range");
        CLOUD.await(
                Topic.DEVICE_DOWNLINK,
                record -> record.key().equals(device)
                        && record.json().path("repeated").asBoolean());
        CLOUD.awaitDead(device, "bad-value");
        // Each where it belongs, and with a longer period more of them.
        String ask = "{'metric':'b','dimensions':{'Device':'${deviceId}'},'period':%d,'statistic':'sum'}";
        assertThat(CLOUD.asks(device, ask.formatted(300))).isEqualTo("1");
        assertThat(CLOUD.asks(device, ask.formatted(3_600))).isEqualTo("3");
        assertThat(CLOUD.asks(device, ask.formatted(604_800))).isEqualTo("6");
        assertThat(CLOUD.asks(
                        device,
                        "{'metric':'b','dimensions':{'Device':'${deviceId}'},'period':300,'statistic':'current'}"))
                .isEqualTo("1");
    }

    @Test
    void whatCannotBeReadIsPutAsideAndTheNextIsTaken() throws Exception {
        String device = CLOUD.device("P-bad");
        byte[] bomb = Cloud.gzip("{'points':[" + " ".repeat(30_000_000) + "]}");
        byte[] cut = Arrays.copyOf(Cloud.gzip("{'points':[{'metric':'x','value':1}]}"), 20);

        CLOUD.set(device, "no json");
        CLOUD.set(device, "{'metric':'bad','value':1e999}");
        CLOUD.set(device, "{'metric':'bad','value':NaN}");
        CLOUD.set(device, "{'metric':'bad','value':1,'dimensions':[{'Device':'SOMEBODY'}]}");
        CLOUD.says(device, "metric/batch", bomb);
        CLOUD.says(device, "metric/batch", cut);
        CLOUD.set(device, "{'metric':'bad','value':7}");

        for (String code : List.of("malformed-json", "value-out-of-range", "another-device", "too-large", "bad-gzip")) {
            CLOUD.awaitDead(device, code);
        }
        assertThat(CLOUD.asks(
                        device,
                        "{'metric':'bad','dimensions':{'Device':'${deviceId}'},'period':300,'statistic':'count'}"))
                .isEqualTo("1");
        Answer bad = CLOUD.postBytes("/v1/clouds/main/devices/" + device + "/points", CLOUD.operator(), cut);
        assertThat(bad.status()).isEqualTo(400);
        assertThat(bad.code()).isEqualTo("bad-gzip");
    }

    @Test
    void oneDeviceWithAMillionDimensionsHurtsNobodyElse() throws Exception {
        String greedy = CLOUD.device("P-many");
        String modest = CLOUD.device("P-many");
        StringBuilder points = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            points.append(i == 0 ? "" : ",").append("{'metric':'many','value':1,'dimensions':[{'n':'" + i + "'}]}");
        }
        Answer answer = CLOUD.post(
                "/v1/clouds/main/devices/" + greedy + "/points", CLOUD.operator(), "{'points':[" + points + "]}");

        assertThat(answer.json().path("taken").asInt()).isEqualTo(200);
        assertThat(answer.json().path("refused").asInt()).isEqualTo(300);
        assertThat(answer.json().at("/refusals/0/code").asText()).isEqualTo("too-many-series");
        CLOUD.set(modest, "{'metric':'many','value':1}");
        // What a device asks at once may be answered before what it said is counted.
        await().untilAsserted(() -> assertThat(CLOUD.asks(
                        modest,
                        "{'metric':'many','dimensions':{'Device':'${deviceId}'},'period':300,'statistic':'count'}"))
                .isEqualTo("1"));
    }

    @Test
    void applicationsSeeWhatTheyReachAndGroupIt() throws Exception {
        String device = CLOUD.device("P-seen");
        CLOUD.application("appSEEN000001", "a good token", "'read'", ",'products':['P-seen']");
        Answer taken = CLOUD.post("/v1/clouds/main/devices/" + device + "/points", CLOUD.operator(), """
                {'id':'g1','points':[
                  {'metric':'temp','dimensions':[{'room':'a'}],'value':1},
                  {'metric':'temp','dimensions':[{'room':'a'}],'value':3},
                  {'metric':'temp','dimensions':[{'room':'b'}],'value':10}]}""");
        assertThat(taken.json().path("taken").asInt()).isEqualTo(3);

        Answer grouped = CLOUD.get(
                "/v1/clouds/main/metrics/temp?product=P-seen&groupBy=room&statistics=avg,min,max,sum,count,last,p50,p99",
                "a good token");

        assertThat(grouped.status()).isEqualTo(200);
        assertThat(grouped.json().path("series")).hasSize(2);
        JsonNode a = grouped.json().at("/series/0");
        assertThat(a.at("/dimensions/room").asText()).isEqualTo("a");
        assertThat(a.at("/total/avg").asDouble()).isEqualTo(2);
        assertThat(a.at("/total/count").asInt()).isEqualTo(2);
        assertThat(a.at("/total/p99").asDouble()).isBetween(0.99, 3.0);
        assertThat(CLOUD.get("/v1/clouds/main/metrics?device=" + device, "a good token")
                        .json()
                        .findValuesAsText("room"))
                .containsExactlyInAnyOrder("a", "b");
        assertThat(CLOUD.get("/v1/clouds/main/metrics/temp", "a good token").code())
                .isEqualTo("not-allowed");
        assertThat(CLOUD.get("/v1/clouds/main/metrics/temp", "a bad token").status())
                .isEqualTo(401);
        CLOUD.await(
                Topic.AUDIT_EVENT,
                told -> told.json().path("errorCode").asText().equals("unauthenticated")
                        && told.json()
                                .at("/requestParameters/resource")
                                .asText()
                                .equals("GET /v1/clouds/main/metrics/temp"));
        CLOUD.await(
                Topic.AUDIT_EVENT,
                told -> told.json().path("errorCode").asText().equals("not-allowed")
                        && told.json().at("/userIdentity/type").asText().equals("Application"));
        assertThat(CLOUD.get("/v1/clouds/main/metrics/temp?statistics=mode", CLOUD.operator())
                        .code())
                .isEqualTo("bad-request");
    }

    @Test
    void eachWritingOfAFieldThatIsAMetricIsAPointOnce() throws Exception {
        String device = CLOUD.device("P-row");
        Answer set = CLOUD.put(
                "/v1/clouds/main/row-metrics/Weather",
                CLOUD.operator(),
                "{'fields':{'celsius':'outdoor'},'dimensions':['place']}");
        assertThat(set.status()).isEqualTo(200);
        assertThat(set.json().at("/models/Weather/fields/celsius").asText()).isEqualTo("outdoor");
        assertThat(CLOUD.changes("SetRowMetric"))
                .singleElement()
                .asString()
                .contains("Weather", "outdoor", "\"Operator\"");
        assertThat(CLOUD.put("/v1/clouds/main/row-metrics/Weather", CLOUD.operator(), "{'fields':[]}")
                        .code())
                .isEqualTo("bad-row-metric");

        Instant now = Instant.now();
        String row = "{'_type':'Weather','sk':'w#1','place':'roof','celsius':%s,'humid':%d,"
                + "'fields':{'*':'2026-01-01T00:00:00.000Z-0000-cloud','celsius':'%s-0000-%s'}}";
        CLOUD.row("weather", device, "w#1", row.formatted("20.5", 1, millis(now), device));
        // Told again, and written in another field: neither is a measurement.
        CLOUD.row("weather", device, "w#1", row.formatted("20.5", 1, millis(now), device));
        CLOUD.row("weather", device, "w#1", row.formatted("20.5", 2, millis(now), device));
        CLOUD.row("weather", device, "w#1", row.formatted("'warm'", 3, millis(now.plusMillis(1)), device));
        CLOUD.row("weather", device, "w#1", row.formatted("1e200", 3, millis(now.plusMillis(2)), device));
        CLOUD.row("weather", device, "w#1", row.formatted("21.5", 3, millis(now.plusMillis(3)), device));

        String path = "/v1/clouds/main/metrics/outdoor?statistics=count,sum,last&device=" + device;
        await().atMost(Cloud.PATIENCE)
                .untilAsserted(() -> assertThat(CLOUD.get(path, CLOUD.operator())
                                .json()
                                .at("/series/0/total/last")
                                .asDouble())
                        .isEqualTo(21.5));
        CLOUD.awaitDead(device + "/w#1", "value-out-of-range");
        for (String dimension : List.of("", "&dimension=place=roof")) {
            var total = CLOUD.get(path + dimension, CLOUD.operator()).json().at("/series/0/total");
            assertThat(total.path("count").asInt()).isEqualTo(2);
            assertThat(total.path("sum").asDouble()).isEqualTo(42);
        }
        assertThat(CLOUD.get("/v1/clouds/main/row-metrics", "a bad token").status())
                .isEqualTo(401);
    }

    private static String millis(Instant time) {
        return DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'")
                .withZone(ZoneOffset.UTC)
                .format(time);
    }

    @Test
    void everyPointCountsOnceAlthoughTheServiceIsKilledAndBatchesComeTwice() throws Exception {
        List<String> devices = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            devices.add(CLOUD.device("P-kill"));
        }
        int rounds = 600;
        for (int round = 0; round < rounds; round++) {
            for (String device : devices) {
                CLOUD.set(device, "{'metric':'kill','value':1}");
                if (round % 50 == 0) {
                    // Points of long ago go into windows that are being merged meanwhile.
                    byte[] batch = Cloud.utf8("{'id':'k%d','points':[{'metric':'kill','points':[[%d,1],[%d,1]]}]}"
                            .formatted(
                                    round,
                                    Instant.now().minusSeconds(295).toEpochMilli(),
                                    Instant.now().minusSeconds(3_595).toEpochMilli()));
                    CLOUD.says(device, "metric/batch", batch);
                    CLOUD.says(device, "metric/batch", batch);
                }
            }
            if (round == 200 || round == 400) {
                // In the middle of the work: some is committed, and more is on its way.
                long enough = round * 2L;
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> Long.parseLong(CLOUD.query(COUNT, "device").getFirst()) >= enough);
                CLOUD.stack().kill(Component.METRICS);
            }
        }

        long each = rounds + rounds / 50 * 2;
        for (String kind : List.of("device", "product", "cloud")) {
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(CLOUD.query(COUNT, kind)).containsExactly("" + each * 5));
        }
        CLOUD.stack().awaitReady(Component.METRICS);
    }
}
