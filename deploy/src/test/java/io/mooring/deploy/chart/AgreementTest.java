package io.mooring.deploy.chart;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.contracts.trace.TraceSettings;
import io.mooring.deploy.images.Catalogue;
import io.mooring.deploy.images.Image;
import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Ports;
import io.mooring.devstack.launcher.parts.ComponentPlans;
import io.mooring.devstack.launcher.parts.DatabaseServer;
import io.mooring.devstack.launcher.parts.Postgresql;
import io.mooring.devstack.launcher.parts.SecretFiles;
import io.mooring.devstack.launcher.parts.ServerCertificate;
import io.mooring.devstack.launcher.place.DataFolder;
import io.mooring.devstack.launcher.place.Installation;
import io.mooring.devstack.launcher.place.Secrets;
import io.mooring.devstack.launcher.process.ProcessPlan;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compose file, chart, images and launcher start the same programs with the same settings. The launcher's are known to work, since
 * all tests run by them.
 */
class AgreementTest {
    /** What the launcher says and containers need not: it is the default, or the image says it. */
    private static final Set<String> LAUNCHERS_OWN =
            Set.of("QUARKUS_HTTP_HOST", "QUARKUS_HTTP_PORT", "QUARKUS_HTTP_SSL_PORT", "QUARKUS_DATASOURCE_USERNAME");

    /** What the variables of OpenTelemetry begin with. Where traces go is said by whoever installs it; the launcher's clouds have none. */
    private static final String TRACES = "OTEL_";

    private static final Set<String> CONTAINERS_OWN = Set.of("QUARKUS_CONFIG_LOCATIONS");

    @TempDir
    private static Path scratch;

    private static JsonNode compose;
    private static JsonNode catalogue;
    private static Map<String, JsonNode> chart;
    private static ComponentPlans plans;
    private static Secrets secrets;

    @BeforeAll
    static void readThemAll() throws Exception {
        Path root = Helm.ROOT;
        catalogue = Helm.YAML.readTree(Files.readString(Helm.CHART.resolve("catalogue.yaml")));
        compose = withAnchors(Files.readString(root.resolve("docker-compose.yml")));
        chart = new TreeMap<>();
        for (JsonNode manifest : Helm.both().getFirst().rendered(Helm.CHART.resolve("ci/trial.yaml"))) {
            if (Set.of("Deployment", "StatefulSet")
                    .contains(manifest.path("kind").asText())) {
                chart.put(
                        manifest.at("/metadata/labels/app.kubernetes.io~1component")
                                .asText(),
                        manifest.at("/spec/template/spec"));
            }
        }
        Installation installation = Installation.find();
        DataFolder folder = DataFolder.take(scratch.resolve("data"));
        Files.createDirectories(scratch.resolve("secrets"));
        secrets = Secrets.in(scratch.resolve("secrets"));
        Ports ports = Ports.standard(0);
        plans = new ComponentPlans(
                installation,
                folder,
                ports,
                List.of(),
                "mooring",
                new Postgresql(installation, folder, ports.postgresql(), false),
                new ServerCertificate(
                        scratch, "password", List.of("localhost"), "http://none", "token", Clock.systemUTC()),
                Map.of(),
                Map.of(),
                false,
                false);
    }

    static Stream<String> services() {
        return Catalogue.all().stream()
                .filter(image -> image.program().contains("/app/quarkus-run.jar"))
                .map(Image::name);
    }

    @Test
    void haveTheSameImages() {
        Set<String> images = new TreeSet<>();
        Catalogue.all().forEach(image -> images.add(image.name()));
        Set<String> composed = new TreeSet<>();
        compose.path("services")
                .forEach(service -> ours(service.path("image")
                                .asText()
                                .replaceAll("^\\$\\{MOORING_IMAGES:-|}(?=[a-z])", "")
                                .replace("${MOORING_TAG:-0.1.0}", "0.1.0"))
                        .ifPresent(composed::add));
        assertThat(composed).isEqualTo(images);
        Set<String> charted = new TreeSet<>(Set.of("device-agent"));
        chart.values()
                .forEach(pod -> Stream.of("initContainers", "containers")
                        .forEach(kind -> pod.path(kind)
                                .forEach(container ->
                                        ours(container.path("image").asText()).ifPresent(charted::add))));
        assertThat(charted).isEqualTo(images);
        Set<String> services = new TreeSet<>();
        catalogue.path("services").fieldNames().forEachRemaining(services::add);
        assertThat(services).isEqualTo(new TreeSet<>(services().toList()));
    }

    /** And the same foreign ones, where the chart brings some to try it out. */
    @Test
    void takeTheSamePostgresqlAndKafka() throws IOException {
        JsonNode values = Helm.YAML.readTree(Files.readString(Helm.CHART.resolve("values.yaml")));
        assertThat(compose.at("/services/postgresql/image").asText())
                .contains(values.at("/postgresql/trial/image").asText());
        assertThat(compose.at("/services/kafka/image").asText())
                .contains(values.at("/kafka/trial/image").asText());
        Set<String> composed = names(compose.at("/services/kafka/environment"));
        composed.removeIf(name -> name.equals("KAFKA_HEAP_OPTS"));
        assertThat(environment(pod("kafka"), "kafka")).containsAll(composed);
    }

    @ParameterizedTest
    @MethodSource("services")
    void giveAServiceTheSameSettings(String service) throws Exception {
        Set<String> launched = launched(service);
        launched.removeAll(LAUNCHERS_OWN);
        Set<String> composed = names(compose.at("/services/" + service + "/environment"));
        Set<String> charted = environment(pod(service), service);
        for (Set<String> container : List.of(composed, charted)) {
            assertThat(container).containsAll(CONTAINERS_OWN);
            container.removeAll(CONTAINERS_OWN);
            container.removeIf(name -> name.startsWith(TRACES));
            Set<String> both = new HashSet<>(container);
            Set<String> secret = secretSettings(service);
            both.retainAll(secret);
            assertThat(both).as("in the environment and a file").isEmpty();
            container.addAll(secret);
            assertThat(new TreeSet<>(container)).isEqualTo(new TreeSet<>(launched));
        }
    }

    @ParameterizedTest
    @MethodSource("services")
    void agreeOnPorts(String service) throws IOException {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(
                Helm.ROOT.resolve("services/" + service + "/src/main/resources/application.properties"))) {
            properties.load(reader);
        }
        JsonNode entry = catalogue.at("/services/" + service);
        assertThat(entry.path("http").asText()).isEqualTo(properties.getProperty("quarkus.http.port"));
        assertThat(entry.path("https").asText("")).isEqualTo(properties.getProperty("quarkus.http.ssl-port", ""));
        Image image = Catalogue.all().stream()
                .filter(one -> one.name().equals(service))
                .findFirst()
                .orElseThrow();
        assertThat(image.health().orElseThrow().port())
                .isEqualTo(entry.path("http").asInt());
        ProcessPlan plan = plan(service);
        assertThat(plan.environment())
                .containsEntry("QUARKUS_HTTP_PORT", entry.path("http").asText());
        if (entry.has("https")) {
            assertThat(plan.environment())
                    .containsEntry("QUARKUS_HTTP_SSL_PORT", entry.path("https").asText());
        }
        String published = compose.at("/services/" + service + "/ports/0").asText();
        assertThat(published)
                .endsWith(":" + entry.path("https").asText(entry.path("http").asText()));
        assertThat(entry.path("database").asBoolean()).isEqualTo(properties.containsKey("quarkus.datasource.username"));
        // What is written to is mounted there.
        List<String> folders = new ArrayList<>();
        compose.at("/services/" + service + "/volumes")
                .forEach(volume -> folders.add(volume.asText().split(":")[1]));
        assertThat(folders).containsAll(image.folders());
    }

    /** Each is told just the secrets it needs: with those alone its file can be made, with fewer it cannot. */
    @ParameterizedTest
    @MethodSource("services")
    void tellAServiceTheSecretsItNeedsAndNoOthers(String service) throws IOException {
        Path alone = Files.createDirectories(scratch.resolve("secrets-of-" + service));
        SecretFiles.of(service, Secrets.in(alone));
        Set<String> made = new TreeSet<>();
        try (Stream<Path> files = Files.list(alone)) {
            files.forEach(file -> made.add(file.getFileName().toString()));
        }
        Set<String> charted = new TreeSet<>();
        catalogue.at("/services/" + service + "/secrets").forEach(secret -> charted.add(secret.asText()));
        assertThat(charted).isEqualTo(made);
    }

    @Test
    void haveAllSecretsThatAnyoneNeeds() throws IOException {
        Path all = Files.createDirectories(scratch.resolve("all-secrets"));
        SecretFiles.write(Secrets.in(all), scratch.resolve("written"));
        Set<String> made = new TreeSet<>();
        try (Stream<Path> files = Files.list(all)) {
            files.forEach(file -> made.add(file.getFileName().toString()));
        }
        Set<String> charted = new TreeSet<>();
        catalogue.path("secrets").forEach(secret -> charted.add(secret.asText()));
        catalogue
                .path("services")
                .forEach(entry -> entry.path("secrets").forEach(secret -> charted.add(secret.asText())));
        assertThat(charted).isEqualTo(made);
        for (String role : DatabaseServer.ROLES) {
            assertThat(made).contains("role-" + role);
        }
        SecretFiles.all(Secrets.in(all))
                .keySet()
                .forEach(file -> assertThat(
                                compose.at("/services/secrets/volumes").toString())
                        .as("a volume for what is told to " + file)
                        .contains("/prepared/" + file.substring(0, file.indexOf('/')) + "\""));
    }

    @Test
    void startTheBrokerAlike() {
        Set<String> composed = names(compose.at("/services/broker/environment"));
        composed.removeIf(name -> name.startsWith(TRACES));
        assertThat(environment(pod("broker"), "broker")).isEqualTo(composed);
        Set<String> launched = new TreeSet<>();
        plans.of(Component.BROKER).environment().keySet().stream()
                .filter(name -> name.startsWith("MOORING_"))
                .forEach(name -> launched.add(name.endsWith("_PASSWORD") ? name + "_FILE" : name));
        // A single node is called as the bridge calls it unasked.
        launched.add("MOORING_BRIDGE_NODE_ID");
        assertThat(composed).isEqualTo(launched);
    }

    /** The chart's own key store replaces one argument of the image's; all others are as they were. */
    @Test
    void startTheBrokerOfAnothersCertificateAlike() throws Exception {
        Image image = Catalogue.all().stream()
                .filter(one -> one.name().equals("broker"))
                .findFirst()
                .orElseThrow();
        List<String> expected = new ArrayList<>(image.arguments());
        expected.set(expected.indexOf("--keystore") + 1, "/server/keystore.p12");
        for (JsonNode manifest : Helm.both().getFirst().rendered(Helm.CHART.resolve("ci/cert-manager.yaml"))) {
            if (manifest.path("kind").asText().equals("StatefulSet")
                    && manifest.at("/metadata/name").asText().endsWith("broker")) {
                List<String> arguments = new ArrayList<>();
                manifest.at("/spec/template/spec/containers/0/args").forEach(one -> arguments.add(one.asText()));
                assertThat(arguments).isEqualTo(expected);
            }
        }
    }

    /** Those that can, and no others; by variables that the code knows. */
    @Test
    void sendTracesAlike() throws Exception {
        Set<String> variables = Set.of(TraceSettings.ENDPOINT, TraceSettings.SAMPLER, TraceSettings.SAMPLER_ARGUMENT);
        Map<String, Set<String>> expected = new TreeMap<>();
        Component.TRACING.forEach(component -> expected.put(component.label(), variables));
        Map<String, Set<String>> composed = new TreeMap<>();
        compose.path("services").properties().forEach(service -> {
            Set<String> names = names(service.getValue().path("environment"));
            names.removeIf(name -> !name.startsWith(TRACES));
            if (!names.isEmpty()) {
                composed.put(service.getKey(), names);
            }
        });
        assertThat(composed).isEqualTo(expected);
        Map<String, Set<String>> charted = new TreeMap<>();
        for (JsonNode manifest : Helm.both().getFirst().rendered(Helm.CHART.resolve("ci/ha.yaml"))) {
            String component =
                    manifest.at("/metadata/labels/app.kubernetes.io~1component").asText();
            Set<String> names = environment(manifest.at("/spec/template/spec"), component);
            names.removeIf(name -> !name.startsWith(TRACES));
            if (!names.isEmpty()) {
                charted.put(component, names);
            }
        }
        assertThat(charted).isEqualTo(expected);
        JsonNode values = Helm.YAML.readTree(Files.readString(Helm.CHART.resolve("values.yaml")));
        assertThat(compose.at("/services/sync/environment/" + TraceSettings.SAMPLER)
                        .asText())
                .contains(values.at("/traces/sampler").asText());
        assertThat(compose.at("/services/sync/environment/" + TraceSettings.SAMPLER_ARGUMENT)
                        .asText())
                .contains(":-" + values.at("/traces/ratio").asText() + "}");
        assertThat(compose.at("/services/sync/environment/" + TraceSettings.ENDPOINT)
                        .asText())
                .endsWith(":-}");
    }

    @Test
    void startConnectAlike() {
        assertThat(names(compose.at("/services/connect/environment"))).isEqualTo(Set.of("MOORING_CDC_PASSWORD_FILE"));
        assertThat(environment(pod("connect"), "connect")).isEqualTo(Set.of("MOORING_CDC_PASSWORD_FILE", "POD_IP"));
        List<String> options = new ArrayList<>();
        compose.at("/services/connect/command").forEach(one -> options.add(one.asText()));
        List<String> charted = new ArrayList<>();
        pod("connect").at("/containers/0/args").forEach(one -> charted.add(one.asText()));
        options.removeIf(one -> !one.startsWith("--"));
        assertThat(charted).containsAll(options);
    }

    /** A Kafka that wants TLS or a password is told of by {@code KAFKA_…}: a client that takes the address alone would not get in. */
    @ParameterizedTest
    @MethodSource("services")
    void haveServicesReachKafkaByAllThatIsConfigured(String service) throws IOException {
        try (Stream<Path> files = Files.walk(Helm.ROOT.resolve("services/" + service + "/src/main/java"))) {
            for (Path file :
                    files.filter(one -> one.toString().endsWith(".java")).toList()) {
                assertThat(Files.readString(file)).as(file.toString()).doesNotContain("\"kafka.bootstrap.servers\"");
            }
        }
    }

    private static java.util.Optional<String> ours(String image) {
        return image.startsWith("mooring/")
                ? java.util.Optional.of(image.substring("mooring/".length(), image.indexOf(':')))
                : java.util.Optional.empty();
    }

    private static JsonNode pod(String component) {
        return requireNonNull(chart.get(component), component);
    }

    private static ProcessPlan plan(String service) {
        return plans.of(Component.ofLabel(service).orElseThrow());
    }

    /** The settings the launcher gives a service, in its environment or on its command line, as names of variables. */
    private static Set<String> launched(String service) {
        Set<String> names = new HashSet<>();
        ProcessPlan plan = plan(service);
        plan.environment().keySet().stream()
                .filter(name -> name.matches("(QUARKUS|MOORING|KAFKA)_.*"))
                .forEach(names::add);
        plan.command().stream()
                .filter(argument -> argument.matches("-D(quarkus|mooring)\\..*=.*"))
                .map(argument -> variable(argument.substring(2, argument.indexOf('='))))
                .forEach(names::add);
        return names;
    }

    private static Set<String> secretSettings(String service) throws IOException {
        Properties properties = new Properties();
        properties.load(
                new StringReader(requireNonNull(SecretFiles.of(service, secrets).get("application.properties"))));
        Set<String> names = new HashSet<>();
        properties.stringPropertyNames().forEach(name -> names.add(variable(name)));
        return names;
    }

    private static String variable(String property) {
        return property.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
    }

    private static Set<String> environment(JsonNode pod, String container) {
        Set<String> names = new TreeSet<>();
        for (JsonNode one : pod.path("containers")) {
            if (one.path("name").asText().equals(container)) {
                one.path("env")
                        .forEach(variable -> names.add(variable.path("name").asText()));
            }
        }
        return names;
    }

    private static Set<String> names(JsonNode environment) {
        Set<String> names = new TreeSet<>();
        environment.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** Merges YAML's {@code <<}, which the parser leaves alone. */
    private static JsonNode withAnchors(String text) {
        Object tree = new org.yaml.snakeyaml.Yaml().load(text);
        return Helm.YAML.valueToTree(tree);
    }
}
