package io.mooring.devstack.launcher.cli;

import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Devstack;
import io.mooring.devstack.launcher.parts.JvmFlags;
import io.mooring.devstack.launcher.place.Installation;
import io.mooring.devstack.launcher.process.ProcessPlan;
import io.mooring.devstack.launcher.process.Readiness;
import io.mooring.devstack.launcher.process.RunAs;
import io.mooring.devstack.launcher.process.StartException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The demo's device: its product, its schema, its process. */
final class DemoDevice {
    private static final String NAME = "demo-device";
    static final String SCHEMA = "device-agent/src/main/resources/io/mooring/agent/demo-schema.json5";

    private DemoDevice() {}

    static void start(Devstack stack) {
        Installation installation = Installation.find();
        putSchema(stack, installation.built(SCHEMA));
        Path folder = stack.dataDir().resolve(NAME);
        List<String> command = new ArrayList<>(JvmFlags.ofDevice());
        command.addAll(stack.startOptions(NAME));
        command.addAll(List.of(
                "-jar",
                installation
                        .built("device-agent/target/mooring-device-agent.jar")
                        .toString(),
                "--demo",
                "--url",
                stack.url(Component.PROVISIONING),
                "--ca",
                stack.authorityFile().toString(),
                "--data",
                folder.toString(),
                "--account",
                "main",
                "--cloud",
                "main",
                "--name",
                "Demo"));
        try {
            Files.createDirectories(folder);
        } catch (IOException notMade) {
            throw new StartException("the demo device has no folder: " + notMade.getMessage(), notMade);
        }
        stack.keep(new ProcessPlan(
                NAME,
                command,
                Map.of("MOORING_PRODUCT_TOKEN", productToken(stack), "LC_ALL", "C.UTF-8"),
                folder,
                stack.folder().log(NAME),
                new Readiness.Says("device"),
                Duration.ofSeconds(30),
                RunAs.OURSELVES,
                "TERM",
                stack.stopWithin(Duration.ofSeconds(5))));
    }

    private static String productToken(Devstack stack) {
        return stack.secrets().demoProductToken().orElseGet(() -> {
            try (ApiClient api = new ApiClient(
                    stack.url(Component.PROVISIONING), stack.secrets().operatorToken(), stack.authorityFile())) {
                String token = api.post("/api/v1/products", Map.of("name", "demo"))
                        .path("token")
                        .asText();
                stack.secrets().keepDemoProductToken(token);
                return token;
            }
        });
    }

    private static void putSchema(Devstack stack, Path schema) {
        HttpRequest request;
        try {
            request = HttpRequest.newBuilder(URI.create(stack.url(Component.SYNC) + "/v1/clouds/main/schema"))
                    .timeout(Duration.ofSeconds(20))
                    .header("Authorization", "Bearer " + stack.secrets().serviceToken("launcher", "sync"))
                    .header("Content-Type", "application/json5")
                    .PUT(HttpRequest.BodyPublishers.ofFile(schema))
                    .build();
        } catch (IOException notRead) {
            throw new StartException("the demo's schema cannot be read: " + notRead.getMessage(), notRead);
        }
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() >= 300) {
                throw new StartException("sync refused the demo's schema: " + response.body());
            }
        } catch (IOException away) {
            throw new StartException("sync does not take the demo's schema: " + away.getMessage(), away);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted", stopped);
        }
    }
}
