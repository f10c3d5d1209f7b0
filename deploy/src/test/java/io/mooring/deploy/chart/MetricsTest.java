package io.mooring.deploy.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** What the services count, docs/operations.md lists; what alerts and the dashboard ask for, the services count. */
class MetricsTest {
    private static final Pattern METER = Pattern.compile("(counter|gauge|timer|summary)\\(\\s*\"(mooring\\.[a-z.]+)\"");
    private static final Pattern ASKED = Pattern.compile("\\b((?:mooring|io_mooring_bridge)_[a-z_]+)");
    private static final Pattern LISTED = Pattern.compile("^\\| `(mooring_[a-z_]+)`", Pattern.MULTILINE);
    private static final Pattern BRIDGES_COUNTER = Pattern.compile("counter\\(\"io\\.mooring\\.bridge\\.([a-z.]+)\"");
    private static final Pattern BRIDGES_GAUGE =
            Pattern.compile("gauge\\((?:metrics, |prefix \\+ )?\"(?:io\\.mooring\\.bridge\\.)?([a-z.]+)\"");

    /** One for each code of a refusal. */
    private static final String REFUSALS = "io_mooring_bridge_refusals_";

    private static final Path ALERTS = Helm.CHART.resolve("alerts.yaml");
    private static final Path DASHBOARD = Helm.CHART.resolve("dashboards/mooring.json");
    private static final String OPERATIONS = "docs/operations.md";

    /** Of the program that keeps servers' certificates, which has no library for it. */
    private static final String SIDECARS = "mooring_server_certificate_end_seconds";

    @Test
    void areListedForPeople() throws IOException {
        Set<String> listed = found(LISTED, Files.readString(Helm.ROOT.resolve(OPERATIONS)));
        assertThat(listed).as("the table of metrics in " + OPERATIONS).isEqualTo(counted());
    }

    @Test
    void areThereForWhoAsks() throws IOException {
        Set<String> counted = counted();
        counted.addAll(bridges());
        for (Path asking : List.of(ALERTS, DASHBOARD)) {
            Set<String> asked = found(ASKED, Files.readString(asking));
            asked.removeIf(metric -> metric.startsWith(REFUSALS));
            assertThat(counted).as(asking.getFileName().toString()).containsAll(asked);
        }
    }

    @Test
    void everyAlertSaysWhatToDo() throws IOException {
        String operations = Files.readString(Helm.ROOT.resolve(OPERATIONS));
        for (JsonNode rule : Helm.YAML.readTree(Files.readString(ALERTS)).at("/groups/0/rules")) {
            assertThat(operations)
                    .containsPattern("(?m)^\\|.*\\b" + rule.path("alert").asText() + "\\b.*\\|$");
            assertThat(rule.at("/annotations/summary").asText()).isNotEmpty();
            assertThat(rule.at("/labels/severity").asText()).isIn("critical", "warning");
        }
    }

    @Test
    void theDashboardsPanelsLieBesideEachOther() throws IOException {
        JsonNode panels =
                new ObjectMapper().readTree(Files.readString(DASHBOARD)).path("panels");
        assertThat(panels.size()).isGreaterThan(15);
        Set<String> places = new TreeSet<>();
        for (JsonNode panel : panels) {
            JsonNode place = panel.path("gridPos");
            assertThat(places.add(place.path("x") + "," + place.path("y")))
                    .as(panel.path("title").asText())
                    .isTrue();
            assertThat(place.path("x").asInt() + place.path("w").asInt()).isLessThanOrEqualTo(24);
        }
    }

    /** By Prometheus' own tool: the alerts, and each of the dashboard's questions as a rule. */
    @Test
    void prometheusUnderstandsThem() throws IOException, InterruptedException {
        StringBuilder questions = new StringBuilder("groups:\n  - name: dashboard\n    rules:\n");
        int number = 0;
        for (JsonNode panel :
                new ObjectMapper().readTree(Files.readString(DASHBOARD)).path("panels")) {
            for (JsonNode target : panel.path("targets")) {
                String question = target.path("expr").asText().replace("$__rate_interval", "5m");
                questions
                        .append("      - record: question_")
                        .append(number++)
                        .append("\n        expr: '")
                        .append(question.replace("'", "''"))
                        .append("'\n");
            }
        }
        Path file = Helm.ROOT.resolve("deploy/target/dashboard-rules.yaml");
        Files.createDirectories(file.resolveSibling("."));
        Files.writeString(file, questions);
        for (Path rules : List.of(ALERTS, file)) {
            Process promtool;
            try {
                promtool = new ProcessBuilder("promtool", "check", "rules", rules.toString())
                        .redirectErrorStream(true)
                        .start();
            } catch (IOException missing) {
                assertThat(System.getenv("CI"))
                        .as("promtool is missing: install prometheus")
                        .isNull();
                System.err.println("THE ALERTS ARE NOT CHECKED: there is no promtool; install prometheus");
                Assumptions.abort("no promtool");
                return;
            }
            String said = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(promtool.waitFor()).as(said).isZero();
        }
    }

    /** All our meters in the sources of the services, as Prometheus calls them. */
    private static Set<String> counted() throws IOException {
        Set<String> counted = new TreeSet<>(Set.of(SIDECARS));
        METER.matcher(sources(Helm.ROOT.resolve("services"))).results().forEach(meter -> {
            String name = meter.group(2).replace('.', '_');
            counted.add(
                    switch (meter.group(1)) {
                        case "counter" -> name + "_total";
                        case "timer" -> name + "_seconds";
                        default -> name;
                    });
        });
        assertThat(counted).hasSizeGreaterThan(30);
        return counted;
    }

    /** Those of the bridge, as the broker's exporter calls them. */
    private static Set<String> bridges() throws IOException {
        String sources = sources(Helm.ROOT.resolve("mqtt-bridge/src/main/java"));
        Set<String> names = new TreeSet<>();
        found(BRIDGES_COUNTER, sources)
                .forEach(name -> names.add("io_mooring_bridge_" + name.replace('.', '_') + "_total"));
        found(BRIDGES_GAUGE, sources).forEach(name -> names.add("io_mooring_bridge_" + name.replace('.', '_')));
        assertThat(names).hasSizeGreaterThan(15);
        return names;
    }

    private static Set<String> found(Pattern pattern, String text) {
        return new TreeSet<>(pattern.matcher(text)
                .results()
                .map((MatchResult one) -> one.group(1))
                .toList());
    }

    private static String sources(Path folder) throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(one ->
                            one.toString().endsWith(".java") && one.toString().contains("/src/main/"))
                    .sorted()
                    .toList()) {
                all.append(Files.readString(file));
            }
        }
        return all.toString();
    }
}
