package io.mooring.deploy.chart;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What every profile of values makes, by Helm 3 and by Helm 4. */
class ChartTest {
    /** Made by somebody else than the chart: what a profile names as existing. */
    private static final Set<String> GIVEN_SECRETS = Set.of(
            "mooring-kafka-user",
            "kafka-cluster-ca-cert",
            "mooring-postgresql-superuser",
            "mooring-own-secrets",
            "mooring-s3",
            "cloud-mooring-server",
            "registry");

    static Stream<Arguments> all() throws IOException {
        List<Path> profiles = Helm.profiles();
        return Helm.both().stream().flatMap(helm -> profiles.stream().map(profile -> Arguments.of(helm, profile)));
    }

    static Stream<Helm> helms() {
        return Helm.both().stream();
    }

    @ParameterizedTest
    @MethodSource("all")
    void isWhatKubernetesKnows(Helm helm, Path profile) throws Exception {
        Helm.Said lint =
                helm.run("lint", "--strict", "--kube-version=1.34", "-f", profile.toString(), Helm.CHART.toString());
        assertThat(lint.code()).as(lint.output()).isZero();

        List<JsonNode> manifests = helm.rendered(profile);
        List<String> unknown = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (JsonNode manifest : manifests) {
            unknown.addAll(KubernetesModel.unknown(manifest));
            String name = manifest.path("kind").asText() + " "
                    + manifest.at("/metadata/name").asText();
            assertThat(names.add(name)).as("twice: " + name).isTrue();
            assertThat(manifest.at("/metadata/name").asText()).matches("[a-z][a-z0-9-]{0,62}");
        }
        assertThat(unknown).isEmpty();

        new Profile(manifests).check();
    }

    @ParameterizedTest
    @MethodSource("helms")
    void refusesWhatItDoesNotKnow(Helm helm) throws Exception {
        String trial = Helm.CHART.resolve("ci/trial.yaml").toString();
        Map<String, String> wrong = Map.of(
                "kafka.bootstrapServer=a:1", "bootstrapServer",
                "services.syncc.replicas=2", "there is no such service",
                "services.sync.replicas=many", "replicas",
                "services.sync.host=sync.example.org", "nothing of this service is for the world",
                "services.files.replicas=2", "more than one needs a bucket",
                "exposure.kind=gateway", "parentRefs",
                "images.prefix=mooring", "prefix");
        for (Map.Entry<String, String> one : wrong.entrySet()) {
            Helm.Said said = helm.run(
                    "template",
                    "cloud",
                    Helm.CHART.toString(),
                    "--kube-version=1.34",
                    "-f",
                    trial,
                    "--set",
                    one.getKey());
            assertThat(said.code()).as(one.getKey()).isNotZero();
            assertThat(said.output()).contains(one.getValue());
        }
    }

    @Test
    void keepsItsTableOfValuesInTheReadme() throws IOException {
        String readme = Files.readString(Helm.CHART.resolve("README.md"));
        String fresh = ValuesTable.replacedIn(readme, Files.readString(Helm.CHART.resolve("values.yaml")));
        if (Boolean.getBoolean("mooring.write")) {
            Files.writeString(Helm.CHART.resolve("README.md"), fresh);
        }
        assertThat(readme).as("run this with -Dmooring.write=true").isEqualTo(fresh);
    }

    /** The manifests of one profile, and how they hang together. */
    private static final class Profile {
        private final List<JsonNode> manifests;
        private final Map<String, JsonNode> named = new HashMap<>();
        private final List<JsonNode> pods = new ArrayList<>();

        Profile(List<JsonNode> manifests) {
            this.manifests = manifests;
            for (JsonNode manifest : manifests) {
                named.put(manifest.path("kind").asText() + "/" + name(manifest), manifest);
                switch (manifest.path("kind").asText()) {
                    case "Deployment", "StatefulSet", "Job" -> pods.add(manifest.at("/spec/template"));
                    case "Pod" -> pods.add(manifest);
                    default -> {}
                }
            }
        }

        void check() {
            assertThat(pods).hasSizeGreaterThanOrEqualTo(11);
            pods.forEach(this::isRestricted);
            pods.forEach(this::refersToWhatIsThere);
            for (JsonNode manifest : manifests) {
                switch (manifest.path("kind").asText()) {
                    case "Deployment", "StatefulSet" -> controls(manifest);
                    case "Service" -> serves(manifest);
                    case "PodDisruptionBudget" -> selects(manifest.at("/spec/selector/matchLabels"), name(manifest));
                    case "NetworkPolicy" -> admits(manifest);
                    case "HorizontalPodAutoscaler", "ScaledObject" -> scales(manifest);
                    case "Ingress" ->
                        manifest.at("/spec/rules")
                                .forEach(rule -> rule.at("/http/paths")
                                        .forEach(path -> hasPort(
                                                path.at("/backend/service/name").asText(),
                                                path.at("/backend/service/port/name")
                                                        .asText())));
                    case "HTTPRoute", "TLSRoute" ->
                        manifest.at("/spec/rules")
                                .forEach(rule -> rule.path("backendRefs")
                                        .forEach(end -> hasPort(
                                                end.path("name").asText(),
                                                end.path("port").asText())));
                    case "BackendTLSPolicy" ->
                        manifest.at("/spec/targetRefs")
                                .forEach(target -> hasPort(
                                        target.path("name").asText(),
                                        target.path("sectionName").asText()));
                    default -> {}
                }
            }
        }

        /** By Kubernetes' Pod Security Standards, "restricted"; and nothing may be written but what is mounted for it. */
        private void isRestricted(JsonNode pod) {
            JsonNode spec = pod.path("spec");
            String who = pod.at("/metadata/labels").toString();
            assertThat(spec.at("/securityContext/runAsNonRoot").asBoolean())
                    .as(who)
                    .isTrue();
            assertThat(spec.at("/securityContext/runAsUser").asInt()).as(who).isPositive();
            assertThat(spec.at("/securityContext/seccompProfile/type").asText())
                    .as(who)
                    .isEqualTo("RuntimeDefault");
            assertThat(spec.path("automountServiceAccountToken").asBoolean(true))
                    .as(who)
                    .isFalse();
            assertThat(spec.path("hostNetwork").asBoolean()).isFalse();
            for (JsonNode container : containers(pod)) {
                JsonNode context = container.path("securityContext");
                assertThat(context.path("allowPrivilegeEscalation").asBoolean(true))
                        .as(who)
                        .isFalse();
                assertThat(context.path("readOnlyRootFilesystem").asBoolean())
                        .as(who)
                        .isTrue();
                assertThat(context.at("/capabilities/drop/0").asText()).as(who).isEqualTo("ALL");
                assertThat(container.at("/resources/limits/memory").asText())
                        .as(who)
                        .isNotEmpty();
                assertThat(container.at("/resources/requests/cpu").asText())
                        .as(who)
                        .isNotEmpty();
            }
        }

        /** Volumes, secrets, claims, the service account, ports of probes. */
        private void refersToWhatIsThere(JsonNode pod) {
            String who = pod.at("/metadata/labels/app.kubernetes.io~1component").asText();
            Set<String> volumes = new HashSet<>();
            pod.at("/spec/volumes")
                    .forEach(volume -> volumes.add(volume.path("name").asText()));
            templates(pod).forEach(claim -> volumes.add(name(claim)));
            Set<String> used = new HashSet<>();
            for (JsonNode container : containers(pod)) {
                Set<String> paths = new HashSet<>();
                container.path("volumeMounts").forEach(mount -> {
                    used.add(mount.path("name").asText());
                    assertThat(paths.add(mount.path("mountPath").asText()))
                            .as(who + " " + mount)
                            .isTrue();
                });
                Set<String> ports = new HashSet<>();
                container
                        .path("ports")
                        .forEach(port -> ports.add(port.path("name").asText()));
                for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
                    JsonNode asked = container.path(probe);
                    String port = asked.at("/httpGet/port")
                            .asText(asked.at("/tcpSocket/port").asText());
                    assertThat(asked.isMissingNode() || ports.contains(port))
                            .as(who + " " + asked)
                            .isTrue();
                }
                container.path("env").forEach(variable -> {
                    JsonNode secret = variable.at("/valueFrom/secretKeyRef");
                    if (!secret.isMissingNode()) {
                        hasSecret(
                                secret.path("name").asText(), secret.path("key").asText());
                    }
                });
            }
            assertThat(volumes).as(who).isEqualTo(used);
            pod.at("/spec/volumes").forEach(volume -> {
                volume.at("/projected/sources")
                        .forEach(source -> source.at("/secret/items")
                                .forEach(item -> hasSecret(
                                        source.at("/secret/name").asText(),
                                        item.path("key").asText())));
                if (volume.has("secret")) {
                    hasSecret(volume.at("/secret/secretName").asText(), "");
                }
                if (volume.has("persistentVolumeClaim")) {
                    exists(
                            "PersistentVolumeClaim",
                            volume.at("/persistentVolumeClaim/claimName").asText());
                }
            });
            String account = pod.at("/spec/serviceAccountName").asText();
            if (!account.equals("workloads")) {
                exists("ServiceAccount", account);
            }
        }

        private void controls(JsonNode manifest) {
            JsonNode wanted = manifest.at("/spec/selector/matchLabels");
            assertThat(wanted.isEmpty()).isFalse();
            assertThat(matches(wanted, manifest.at("/spec/template/metadata/labels")))
                    .as(name(manifest))
                    .isTrue();
            for (JsonNode container : manifest.at("/spec/template/spec/containers")) {
                for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
                    assertThat(container.has(probe))
                            .as(name(manifest) + " has a " + probe)
                            .isTrue();
                }
            }
            if (manifest.path("kind").asText().equals("StatefulSet")) {
                exists("Service", manifest.at("/spec/serviceName").asText());
            }
        }

        private void serves(JsonNode service) {
            JsonNode wanted = service.at("/spec/selector");
            List<JsonNode> behind = pods.stream()
                    .filter(pod -> matches(wanted, pod.at("/metadata/labels")))
                    .toList();
            assertThat(behind).as(name(service)).hasSize(1);
            for (JsonNode port : service.at("/spec/ports")) {
                assertThat(portNames(behind.getFirst()))
                        .as(name(service))
                        .contains(port.path("targetPort").asText());
                assertThat(port.path("protocol").asText()).isEqualTo("TCP");
            }
        }

        private void admits(JsonNode policy) {
            JsonNode wanted = policy.at("/spec/podSelector/matchLabels");
            selects(wanted, name(policy));
            JsonNode pod = pods.stream()
                    .filter(one -> matches(wanted, one.at("/metadata/labels")))
                    .findFirst()
                    .orElseThrow();
            for (JsonNode rule : policy.at("/spec/ingress")) {
                rule.path("ports")
                        .forEach(port -> assertThat(portNames(pod))
                                .as(name(policy))
                                .contains(port.path("port").asText()));
                rule.path("from").forEach(from -> {
                    if (from.has("podSelector") && !from.has("namespaceSelector")) {
                        selects(from.at("/podSelector/matchLabels"), name(policy));
                    }
                });
            }
        }

        private void scales(JsonNode scaler) {
            String target = scaler.at("/spec/scaleTargetRef/name").asText();
            exists("Deployment", target);
            JsonNode deployment = found("Deployment", target);
            assertThat(deployment.at("/spec/replicas").isMissingNode())
                    .as("who scales " + target + " is one")
                    .isTrue();
            JsonNode container = scaler.at("/spec/metrics/0/containerResource/container");
            assertThat(container.isMissingNode()
                            || containers(deployment.at("/spec/template")).stream()
                                    .anyMatch(one -> one.path("name").equals(container)))
                    .isTrue();
        }

        private void selects(JsonNode labels, String who) {
            assertThat(labels.isEmpty()).as(who).isFalse();
            assertThat(pods.stream().anyMatch(pod -> matches(labels, pod.at("/metadata/labels"))))
                    .as(who + " selects " + labels)
                    .isTrue();
        }

        private void hasPort(String service, String port) {
            exists("Service", service);
            assertThat(StreamSupport.stream(
                                    found("Service", service).at("/spec/ports").spliterator(), false)
                            .anyMatch(one -> one.path("name").asText().equals(port)
                                    || one.path("port").asText().equals(port)))
                    .as(service + " has a port " + port)
                    .isTrue();
        }

        private void hasSecret(String name, String key) {
            JsonNode secret = named.get("Secret/" + name);
            if (secret == null) {
                assertThat(GIVEN_SECRETS).contains(name);
            } else {
                assertThat(key.isEmpty() || secret.path("data").has(key))
                        .as(name + " has " + key)
                        .isTrue();
            }
        }

        private JsonNode found(String kind, String name) {
            return requireNonNull(named.get(kind + "/" + name), name);
        }

        private void exists(String kind, String name) {
            assertThat(named).containsKey(kind + "/" + name);
        }

        private Iterable<JsonNode> templates(JsonNode pod) {
            for (JsonNode manifest : manifests) {
                if (manifest.at("/spec/template") == pod) {
                    return manifest.at("/spec/volumeClaimTemplates");
                }
            }
            return List.of();
        }

        private static Set<String> portNames(JsonNode pod) {
            Set<String> names = new HashSet<>();
            containers(pod)
                    .forEach(container -> container
                            .path("ports")
                            .forEach(port -> names.add(port.path("name").asText())));
            return names;
        }

        private static List<JsonNode> containers(JsonNode pod) {
            List<JsonNode> all = new ArrayList<>();
            pod.at("/spec/initContainers").forEach(all::add);
            pod.at("/spec/containers").forEach(all::add);
            return all;
        }

        private static boolean matches(JsonNode wanted, JsonNode labels) {
            return StreamSupport.stream(((Iterable<String>) wanted::fieldNames).spliterator(), false)
                    .allMatch(label -> wanted.path(label).equals(labels.path(label)));
        }

        private static String name(JsonNode manifest) {
            return manifest.at("/metadata/name").asText();
        }
    }
}
