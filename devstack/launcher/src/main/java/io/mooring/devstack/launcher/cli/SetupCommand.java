package io.mooring.devstack.launcher.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.mooring.devstack.launcher.parts.DatabaseServer;
import io.mooring.devstack.launcher.parts.KafkaTopics;
import io.mooring.devstack.launcher.parts.SecretFiles;
import io.mooring.devstack.launcher.parts.ServerCertificate;
import io.mooring.devstack.launcher.place.Installation;
import io.mooring.devstack.launcher.place.Secrets;
import io.mooring.devstack.launcher.process.StartException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code mooring setup}: what {@code ./mooring up} does by itself, one thing at a time, for a cloud in
 * containers. Where things are is told by options or the environment, what opens them by a folder of secrets.
 */
@Command(name = "setup", hidden = true, description = "Prepares a cloud that runs in containers.")
final class SetupCommand {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration PERIOD = Duration.ofSeconds(10);
    private static final String KAFKA = "KAFKA_";

    @Option(
            names = "--secrets",
            paramLabel = "DIR",
            defaultValue = "${env:MOORING_SECRETS:-/secrets}",
            description = "Where the secrets are.")
    private Path secrets = Path.of("/secrets");

    @Command(name = "secrets", description = "Makes what secrets are missing, and writes what each container reads.")
    int secrets(
            @Option(names = "--into", paramLabel = "DIR", required = true, description = "A folder of folders.")
                    Path into,
            @Option(
                            names = "--of",
                            paramLabel = "NAME",
                            description = "Only what one container reads, there itself; its secrets must be there.")
                    @Nullable
                    String container)
            throws IOException {
        if (container == null) {
            SecretFiles.write(Secrets.in(secrets), into);
            System.out.println("the secrets are in " + secrets);
        } else {
            SecretFiles.write(SecretFiles.of(container, Secrets.in(secrets)), into);
            System.out.println("what " + container + " is told is in " + into);
        }
        return 0;
    }

    @Command(
            name = "prepare",
            description = "Makes Kafka's topics, and the database's roles and schemas. Waits for both to come up.")
    int prepare(
            @Option(names = "--database-host", description = "PostgreSQL; without it, it is not prepared.")
                    String databaseHost,
            @Option(names = "--database-port", defaultValue = "5432") int databasePort,
            @Option(names = "--topics-prefix", defaultValue = "mooring") String topicsPrefix,
            @Option(names = "--copies", defaultValue = "1", description = "Of each topic; -1: Kafka's default.")
                    short copies)
            throws InterruptedException {
        if (databaseHost != null) {
            DatabaseServer server = new DatabaseServer(databaseHost, databasePort, Secrets.in(secrets));
            awaiting("PostgreSQL at " + databaseHost + ":" + databasePort, server::answers);
            server.bootstrap(Installation.find().bootstrapSql(), DatabaseServer.SCRAM_ITERATIONS);
            System.out.println("the database is prepared");
        }
        Map<String, Object> client = kafkaClient(System.getenv());
        Instant until = Instant.now().plus(PATIENCE);
        while (true) {
            try {
                KafkaTopics.create(client, topicsPrefix, copies);
                System.out.println("the topics are made");
                return 0;
            } catch (StartException notYet) {
                if (Instant.now().isAfter(until)) {
                    throw notYet;
                }
                Thread.sleep(PAUSE);
            }
        }
    }

    /** Kafka's settings as the services are given them: {@code KAFKA_SECURITY_PROTOCOL} is security.protocol. */
    static Map<String, Object> kafkaClient(Map<String, String> environment) {
        Map<String, Object> client = new HashMap<>();
        environment.forEach((name, value) -> {
            if (name.startsWith(KAFKA)) {
                client.put(
                        name.substring(KAFKA.length()).toLowerCase(Locale.ROOT).replace('_', '.'), value);
            }
        });
        client.put("default.api.timeout.ms", "20000");
        client.put("request.timeout.ms", "10000");
        return client;
    }

    @Command(
            name = "certificates",
            description = "Has a certificate issued for this cloud's servers, and keeps it and whom they trust fresh.")
    int certificates(
            @Option(names = "--into", paramLabel = "DIR", required = true, description = "Where they are written.")
                    Path into,
            @Option(names = "--names", split = ",", required = true, description = "As which the servers are reached.")
                    List<String> names,
            @Option(names = "--authority", paramLabel = "URL", required = true) String authority,
            @Option(names = "--http-port", defaultValue = "7191", description = "Of /q/health/ready.") int port,
            @Option(names = "--only-trust", description = "Only whom servers trust: their certificate is another's.")
                    boolean onlyTrust)
            throws IOException, InterruptedException {
        Secrets opened = Secrets.in(secrets);
        ServerCertificate certificate = new ServerCertificate(
                into,
                opened.keystorePassword(),
                names,
                authority,
                opened.serviceToken("launcher", "certificates"),
                Clock.systemUTC());
        Sign good = onlyTrust ? certificate::knowsWhomToTrust : certificate::isGood;
        HttpServer server = HttpServer.create(new InetSocketAddress(port), 0);
        server.createContext("/q/health/", exchange -> {
            boolean well = exchange.getRequestURI().getPath().endsWith("live") || good.isThere();
            try (exchange) {
                exchange.sendResponseHeaders(well ? 200 : 503, -1);
            }
        });
        server.createContext("/q/metrics", exchange -> {
            byte[] body = certificate
                    .end()
                    .map(end -> "# TYPE mooring_server_certificate_end_seconds gauge\n"
                            + "mooring_server_certificate_end_seconds " + end.getEpochSecond() + "\n")
                    .orElse("")
                    .getBytes(StandardCharsets.UTF_8);
            try (exchange) {
                exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4");
                exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
        String trouble = "";
        while (!Thread.currentThread().isInterrupted()) {
            try {
                if (onlyTrust || certificate.isGood()) {
                    certificate.refreshTrust();
                } else {
                    certificate.renew();
                    System.out.println("the servers' certificate is in " + into);
                }
                trouble = "";
            } catch (IOException | StartException away) {
                if (!trouble.equals(away.getMessage())) {
                    System.err.println("asks again: " + away.getMessage());
                    trouble = String.valueOf(away.getMessage());
                }
            }
            Thread.sleep(good.isThere() ? PERIOD : PAUSE);
        }
        return 0;
    }

    @Command(name = "demo", description = "Puts the demo's schema in force and makes its product, for a demo device.")
    int demo(
            @Option(names = "--into", paramLabel = "DIR", required = true, description = "Where the token is written.")
                    Path into)
            throws IOException {
        RunningCloud cloud = RunningCloud.elsewhere(System.getenv(), secrets);
        try (ApiClient sync = ApiClient.ofSync(cloud)) {
            sync.putText(
                    "/v1/clouds/main/schema",
                    Files.readString(Installation.find().built(DemoDevice.SCHEMA)));
        }
        Path token = into.resolve("product-token");
        if (!Files.exists(token)) {
            try (ApiClient api = ApiClient.of(cloud)) {
                String made = api.post("/api/v1/products", Map.of("name", "demo"))
                        .path("token")
                        .asText();
                Files.writeString(token, made + "\n");
            }
        }
        return 0;
    }

    @Command(
            name = "product",
            description = "Makes a product, or gives one of that name a new token, for a device that proves the cloud.")
    int product(
            @Option(names = "--into", paramLabel = "DIR", required = true, description = "Where the token is written.")
                    Path into,
            @Option(names = "--name", defaultValue = "helm-test") String name)
            throws IOException {
        try (ApiClient api = ApiClient.of(RunningCloud.elsewhere(System.getenv(), secrets))) {
            String token = "";
            for (JsonNode product : api.get("/api/v1/products").path("products")) {
                if (product.path("name").asText().equals(name)) {
                    String id = product.path("id").asText();
                    token = api.post("/api/v1/products/" + ApiClient.encoded(id) + "/rotation", Map.of())
                            .path("token")
                            .asText();
                }
            }
            if (token.isEmpty()) {
                token = api.post("/api/v1/products", Map.of("name", name))
                        .path("token")
                        .asText();
            }
            Files.writeString(into.resolve("product-token"), token + "\n");
        }
        return 0;
    }

    /** Something that comes up sooner or later. */
    private interface Sign {
        boolean isThere();
    }

    private static void awaiting(String whom, Sign sign) throws InterruptedException {
        Instant until = Instant.now().plus(PATIENCE);
        while (!sign.isThere()) {
            if (Instant.now().isAfter(until)) {
                throw new StartException(whom + " does not answer, or does not let us in");
            }
            Thread.sleep(PAUSE);
        }
    }
}
