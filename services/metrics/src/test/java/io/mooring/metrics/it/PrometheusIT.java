package io.mooring.metrics.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real Prometheus takes what is written to it, and answers the dashboard's queries. */
class PrometheusIT {
    private static final Cloud CLOUD = Cloud.get();
    private static final Pattern EXPRESSION = Pattern.compile("\"expr\": \"((?:[^\"\\\\]|\\\\.)*)\"");

    @TempDir
    private Path folder;

    @Test
    void whatDevicesMeasureIsInPrometheus() throws Exception {
        Path program = Path.of("/usr/bin/prometheus");
        boolean there = Files.isExecutable(program);
        if (!there && "true".equals(System.getenv("CI"))) {
            throw new AssertionError("prometheus is needed here: apt-get install prometheus");
        }
        assumeTrue(there, "SKIPPED: no prometheus here; apt-get install prometheus");
        String device = CLOUD.device("P-prometheus");
        Path settings = Files.writeString(folder.resolve("prometheus.yml"), "global: {}\n");
        Process prometheus = new ProcessBuilder(
                        program.toString(),
                        "--config.file=" + settings,
                        "--storage.tsdb.path=" + folder.resolve("data"),
                        "--web.listen-address=127.0.0.1:" + Cloud.PROMETHEUS_PORT,
                        "--web.enable-remote-write-receiver")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        try {
            CLOUD.set(device, "{'metric':'room.temp','value':20,'dimensions':[{},{'room-no':'7'}]}");
            CLOUD.set(device, "{'metric':'room.temp','value':22,'dimensions':[{},{'room-no':'7'}]}");

            await().atMost(Duration.ofSeconds(90))
                    .pollInterval(Duration.ofSeconds(1))
                    .untilAsserted(() -> assertThat(
                                    value(
                                            "sum(sum_over_time(room_temp{product='P-prometheus',stat='sum',room_no='7'}[10m]))"))
                            .isEqualTo("42"));
            assertThat(value(
                            "max_over_time(room_temp{of='product',product='P-prometheus',stat='max',room_no=''}[10m])"))
                    .isEqualTo("22");
            assertThat(expressions())
                    .isNotEmpty()
                    .allSatisfy(expression -> assertThat(query(expression
                                            .replace("$metric", "room_temp")
                                            .replace("$cloud", "main"))
                                    .at("/data/result")
                                    .size())
                            .as(expression)
                            .isPositive());
        } finally {
            prometheus.destroy();
            prometheus.waitFor();
        }
    }

    private static List<String> expressions() throws Exception {
        Path dashboard = Path.of(System.getProperty("mooring.root", "../..")).resolve("deploy/grafana/devices.json");
        return EXPRESSION
                .matcher(Files.readString(dashboard))
                .results()
                .map(found -> found.group(1).replace("\\\"", "\""))
                .toList();
    }

    private static String value(String expression) throws Exception {
        return query(expression.replace('\'', '"')).at("/data/result/0/value/1").asText();
    }

    private static JsonNode query(String expression) throws Exception {
        String url = "http://127.0.0.1:" + Cloud.PROMETHEUS_PORT + "/api/v1/query?query="
                + URLEncoder.encode(expression, StandardCharsets.UTF_8);
        HttpResponse<String> answer = CLOUD.client()
                .send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return Cloud.JSON.readTree(answer.body());
    }
}
