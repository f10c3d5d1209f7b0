package io.mooring.devstack.launcher.parts;

import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Ports;
import io.mooring.devstack.launcher.Route;
import io.mooring.devstack.launcher.place.DataFolder;
import io.mooring.devstack.launcher.place.Installation;
import io.mooring.devstack.launcher.place.Secrets;
import io.mooring.devstack.launcher.process.ProcessPlan;
import io.mooring.devstack.launcher.process.Readiness;
import io.mooring.devstack.launcher.process.RunAs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The command line and environment of every component. */
public final class ComponentPlans {
    private static final Duration READY_WITHIN = Duration.ofSeconds(180);
    private static final Duration STOP_WITHIN = Duration.ofSeconds(15);
    // It writes down what it has loaded.
    private static final Duration STOP_TRAINING_WITHIN = Duration.ofSeconds(60);
    private static final String LAUNCHER = "launcher";

    /** Several brief clouds share the processors, most of the time with nothing to do: they ask Kafka less often. */
    private static final String BRIEF_FETCH_WAIT_MILLIS = "3000";

    private final Installation installation;
    private final DataFolder folder;
    private final Ports ports;
    private final List<Route> routes;
    private final String topicsPrefix;
    private final Postgresql postgresql;
    private final ServerCertificate certificate;
    private final Map<Component, Map<String, String>> environments;
    private final Map<Component, List<String>> flags;
    private final boolean brief;
    private final boolean training;

    public ComponentPlans(
            Installation installation,
            DataFolder folder,
            Ports ports,
            List<Route> routes,
            String topicsPrefix,
            Postgresql postgresql,
            ServerCertificate certificate,
            Map<Component, Map<String, String>> environments,
            Map<Component, List<String>> flags,
            boolean brief,
            boolean training) {
        this.installation = installation;
        this.folder = folder;
        this.ports = ports;
        this.routes = routes;
        this.topicsPrefix = topicsPrefix;
        this.postgresql = postgresql;
        this.certificate = certificate;
        this.environments = environments;
        this.flags = flags;
        this.brief = brief;
        this.training = training;
    }

    /** How a component is started, with its folder made if it wants one. */
    public ProcessPlan of(Component component) {
        return switch (component) {
            case POSTGRESQL -> postgresql.plan();
            case KAFKA -> kafka();
            case CONNECT -> connect();
            case CERTIFICATE_AUTHORITY -> certificateAuthority();
            case PROVISIONING -> provisioning();
            case SYNC -> sync();
            case MESSAGING -> messaging();
            case METRICS -> metrics();
            case LOGS -> logs();
            case FILES -> files();
            case AUDIT -> audit();
            case BROKER -> broker();
        };
    }

    /** By which a JVM starts from what an earlier one has loaded, or notes down what it loads. */
    public List<String> startOptions(String program) {
        StartCache cache = StartCache.of(installation, program);
        return training ? cache.record() : cache.use();
    }

    /** How long a JVM may take to stop that needs so long otherwise. */
    public Duration stopWithin(Duration otherwise) {
        return training ? STOP_TRAINING_WITHIN : otherwise;
    }

    private ProcessPlan kafka() {
        List<String> arguments = new ArrayList<>(List.of(
                "--port", Integer.toString(ports.kafka()),
                "--controller-port", Integer.toString(ports.kafkaController()),
                "--data", folder.of("kafka").toString()));
        String forwarded = routes.stream()
                .filter(route -> route.to() == Component.KAFKA)
                .map(route -> route.behind() + "=" + route.at())
                .collect(Collectors.joining(","));
        if (!forwarded.isEmpty()) {
            arguments.addAll(List.of("--forwarded", forwarded));
        }
        return program(Component.KAFKA, "io.mooring.devstack.kafka.KafkaMain", arguments, Map.of());
    }

    private ProcessPlan connect() {
        return program(
                Component.CONNECT,
                "io.mooring.devstack.connect.ConnectMain",
                List.of(
                        "--port",
                        Integer.toString(ports.connect()),
                        "--bootstrap-servers",
                        kafkaAddress(Component.CONNECT)),
                Map.of("MOORING_CDC_PASSWORD", folder.secrets().rolePassword("mooring_cdc")));
    }

    private ProcessPlan broker() {
        String password = folder.secrets().keystorePassword();
        Map<String, String> environment = new HashMap<>(Map.of(
                "MOORING_BROKER_KEYSTORE_PASSWORD", password,
                "MOORING_BROKER_TRUSTSTORE_PASSWORD", password,
                "MOORING_BRIDGE_KAFKA_BOOTSTRAP_SERVERS", kafkaAddress(Component.BROKER),
                "MOORING_BRIDGE_TOPICS_PREFIX", topicsPrefix));
        if (brief) {
            environment.put("MOORING_BRIDGE_KAFKA_FETCH_MAX_WAIT_MS", BRIEF_FETCH_WAIT_MILLIS);
        }
        return program(
                Component.BROKER,
                "io.mooring.devstack.broker.BrokerMain",
                List.of(
                        "--port", Integer.toString(ports.mqtt()),
                        "--application-port", Integer.toString(ports.mqttApplications()),
                        "--data", folder.of("broker").toString(),
                        "--extension", installation.bridge().toString(),
                        "--keystore", certificate.keystoreFile().toString(),
                        "--truststore", certificate.truststoreFile().toString()),
                environment);
    }

    private ProcessPlan certificateAuthority() {
        Secrets secrets = folder.secrets();
        List<String> clients = new ArrayList<>();
        for (String client : List.of("provisioning", LAUNCHER)) {
            clients.add("-Dmooring.certificates.clients." + client + "="
                    + Secrets.hashed(secrets.serviceToken(client, "certificates")));
        }
        Map<String, String> environment = database(Component.CERTIFICATE_AUTHORITY, "mooring_certificates");
        environment.put("MOORING_CERTIFICATES_MASTER_KEY", secrets.certificatesMasterKey());
        environment.put("MOORING_CERTIFICATES_PUBLIC_URL", url(ports.certificateAuthority()));
        return service(Component.CERTIFICATE_AUTHORITY, ports.certificateAuthority(), clients, environment);
    }

    private ProcessPlan provisioning() {
        Secrets secrets = folder.secrets();
        Map<String, String> environment = database(Component.PROVISIONING, "mooring_provisioning");
        environment.put("MOORING_PROVISIONING_OPERATOR_PASSWORD", secrets.operatorPassword());
        environment.put("MOORING_PROVISIONING_OPERATOR_TOKEN", secrets.operatorToken());
        if (brief) {
            // Over a second for each start otherwise, for a password that is random and of 192 bits.
            environment.put("MOORING_PROVISIONING_OPERATOR_PASSWORD_ROUNDS", "1000");
        }
        environment.put("MOORING_PROVISIONING_PUBLIC_URL", "https://localhost:" + ports.api());
        environment.put("MOORING_PROVISIONING_MQTT_HOST", "localhost");
        environment.put("MOORING_PROVISIONING_MQTT_PORT", Integer.toString(ports.mqtt()));
        environment.put("MOORING_PROVISIONING_CERTIFICATES_URL", url(ports.certificateAuthority()));
        environment.put(
                "MOORING_PROVISIONING_CERTIFICATES_TOKEN", secrets.serviceToken("provisioning", "certificates"));
        environment.put("MOORING_ACCESS_MASTER_KEY", secrets.accessMasterKey());
        environment.put("MOORING_PROVISIONING_KEYS_FILES_URL", "https://localhost:" + ports.filesTls());
        return tlsService(Component.PROVISIONING, ports.provisioning(), "devices", ports.api(), List.of(), environment);
    }

    private ProcessPlan sync() {
        Secrets secrets = folder.secrets();
        Map<String, String> environment = database(Component.SYNC, "mooring_sync");
        environment.put("MOORING_SYNC_CONNECT_URL", url(ports.connect()));
        environment.put("MOORING_SYNC_CDC_HOST", "127.0.0.1");
        environment.put("MOORING_SYNC_CDC_PORT", Integer.toString(port(Component.CONNECT, Component.POSTGRESQL)));
        if (brief) {
            environment.put("MOORING_SYNC_CDC_POLL_MILLIS", "100");
        }
        String client =
                "-Dmooring.sync.clients." + LAUNCHER + "=" + Secrets.hashed(secrets.serviceToken(LAUNCHER, "sync"));
        return service(Component.SYNC, ports.sync(), List.of(client), environment);
    }

    private ProcessPlan messaging() {
        Secrets secrets = folder.secrets();
        Map<String, String> environment = database(Component.MESSAGING, "mooring_messaging");
        environment.put("MOORING_ACCESS_MASTER_KEY", secrets.accessMasterKey());
        return tlsService(
                Component.MESSAGING,
                ports.messaging(),
                "applications",
                ports.messagingTls(),
                operator("messaging"),
                environment);
    }

    private ProcessPlan metrics() {
        Map<String, String> environment = database(Component.METRICS, "mooring_metrics");
        environment.put("MOORING_ACCESS_MASTER_KEY", folder.secrets().accessMasterKey());
        return tlsService(
                Component.METRICS, ports.metrics(), "metrics", ports.metricsTls(), operator("metrics"), environment);
    }

    private ProcessPlan logs() {
        Map<String, String> environment = database(Component.LOGS, "mooring_logs");
        environment.put("MOORING_ACCESS_MASTER_KEY", folder.secrets().accessMasterKey());
        return tlsService(Component.LOGS, ports.logs(), "logs", ports.logsTls(), operator("logs"), environment);
    }

    private ProcessPlan files() {
        Secrets secrets = folder.secrets();
        Map<String, String> environment = new HashMap<>();
        environment.put("MOORING_ACCESS_MASTER_KEY", secrets.accessMasterKey());
        environment.put("MOORING_FILES_FOLDER", folder.of("files").toString());
        return tlsService(Component.FILES, ports.files(), "files", ports.filesTls(), List.of(), environment);
    }

    private ProcessPlan audit() {
        Secrets secrets = folder.secrets();
        Map<String, String> environment = database(Component.AUDIT, "mooring_audit");
        environment.put("MOORING_AUDIT_FOLDER", folder.of("audit").toString());
        environment.put("MOORING_AUDIT_MASTER_KEY", secrets.auditMasterKey());
        environment.put("MOORING_ACCESS_MASTER_KEY", secrets.accessMasterKey());
        return tlsService(Component.AUDIT, ports.audit(), "audit", ports.auditTls(), operator("audit"), environment);
    }

    private ProcessPlan program(
            Component component, String mainClass, List<String> arguments, Map<String, String> environment) {
        List<String> command = jvm(component);
        command.addAll(List.of("-cp", installation.classPath(component.label()), mainClass));
        command.addAll(arguments);
        Readiness ready = new Readiness.Says(component.label() + " ready on port " + ports.of(component));
        return plan(component, command, environment, ready);
    }

    /** Whom a service takes for an operator: the launcher, by the hash of its token. */
    private List<String> operator(String service) {
        return List.of("-Dmooring." + service + ".operators." + LAUNCHER + "="
                + Secrets.hashed(folder.secrets().operatorToken()));
    }

    /**
     * A service with a TLS port beside its plain one. Its certificate is the same file as the broker's, replaced whole, and
     * read again while the service runs.
     *
     * @param tls what the service calls its TLS configuration
     */
    private ProcessPlan tlsService(
            Component component,
            int httpPort,
            String tls,
            int tlsPort,
            List<String> properties,
            Map<String, String> environment) {
        Map<String, String> all = new HashMap<>(environment);
        all.put("QUARKUS_HTTP_SSL_PORT", Integer.toString(tlsPort));
        all.put(
                "QUARKUS_TLS_" + tls.toUpperCase(Locale.ROOT) + "_KEY_STORE_P12_PASSWORD",
                folder.secrets().keystorePassword());
        // Loopback only; health and metrics are asked there.
        all.put("QUARKUS_HTTP_INSECURE_REQUESTS", "enabled");
        List<String> with = new ArrayList<>(List.of(
                "-Dquarkus.http.tls-configuration-name=" + tls,
                "-Dquarkus.tls." + tls + ".key-store.p12.path=" + certificate.keystoreFile()));
        with.addAll(properties);
        return service(component, httpPort, with, all);
    }

    private ProcessPlan service(
            Component component, int httpPort, List<String> properties, Map<String, String> environment) {
        List<String> command = jvm(component);
        command.addAll(properties);
        command.addAll(List.of("-jar", installation.service(component.label()).toString()));
        Map<String, String> all = new HashMap<>(environment);
        all.put("KAFKA_BOOTSTRAP_SERVERS", kafkaAddress(component));
        all.put("MOORING_TOPICS_PREFIX", topicsPrefix);
        all.put("QUARKUS_HTTP_HOST", "127.0.0.1");
        all.put("QUARKUS_HTTP_PORT", Integer.toString(httpPort));
        if (brief) {
            all.put("MP_MESSAGING_CONNECTOR_SMALLRYE_KAFKA_FETCH_MAX_WAIT_MS", BRIEF_FETCH_WAIT_MILLIS);
        }
        Readiness ready = new Readiness.Answers(URI.create(url(httpPort) + "/q/health/ready"));
        return plan(component, command, all, ready);
    }

    private List<String> jvm(Component component) {
        List<String> command = new ArrayList<>(brief ? JvmFlags.ofBrief(component) : JvmFlags.of(component));
        command.addAll(startOptions(component.label()));
        command.addAll(flags.getOrDefault(component, List.of()));
        command.add("-Djava.io.tmpdir=" + temporary(component));
        return command;
    }

    /** Native libraries are unpacked there; a kill -9 leaves them behind, the next start clears them away. */
    private Path temporary(Component component) {
        Path path = folder.run().resolve("tmp").resolve(component.label());
        try {
            DataTree.delete(path);
            return Files.createDirectories(path);
        } catch (IOException unusable) {
            throw new UncheckedIOException(unusable);
        }
    }

    private ProcessPlan plan(
            Component component, List<String> command, Map<String, String> environment, Readiness ready) {
        Map<String, String> all = Environment.plainAnd(environment);
        all.putAll(environments.getOrDefault(component, Map.of()));
        return new ProcessPlan(
                component.label(),
                command,
                all,
                folder.path(),
                folder.log(component.label()),
                ready,
                READY_WITHIN,
                RunAs.OURSELVES,
                "TERM",
                stopWithin(STOP_WITHIN));
    }

    private Map<String, String> database(Component component, String role) {
        return new HashMap<>(postgresql.environment(role, port(component, Component.POSTGRESQL)));
    }

    private String kafkaAddress(Component component) {
        return "127.0.0.1:" + port(component, Component.KAFKA);
    }

    /** Where one finds the other. */
    private int port(Component from, Component to) {
        return routes.stream()
                .filter(route -> route.from() == from && route.to() == to)
                .findFirst()
                .map(Route::at)
                .orElse(ports.of(to));
    }

    private static String url(int port) {
        return "http://127.0.0.1:" + port;
    }
}
