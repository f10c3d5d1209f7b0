package io.mooring.deploy.images;

import io.mooring.deploy.images.Image.Health;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All images there are. A new service is a line here. */
public final class Catalogue {
    private static final String READY = "/q/health/ready";

    /** The services: name, port of health and metrics, folders they write to. */
    private static final List<Image> SERVICES = List.of(
            Image.service("provisioning", 7101),
            Image.service("certificate-authority", 7102),
            Image.service("sync", 7103),
            Image.service("files", 7104, "/data"),
            Image.service("messaging", 7105),
            Image.service("audit", 7106, "/data"),
            Image.service("metrics", 7107),
            Image.service("logs", 7108));

    private static final Image BROKER = Image.program(
            "broker",
            "devstack/broker",
            "mooring-devstack-broker.jar",
            Map.of("mqtt-bridge/target/mooring-mqtt-bridge.zip", "/app/mooring-mqtt-bridge.zip"),
            List.of("-cp", "/app/mooring-devstack-broker.jar:/app/lib/*", "io.mooring.devstack.broker.BrokerMain"),
            List.of(
                    "--port", "7883",
                    "--application-port", "7884",
                    "--http-port", "7190",
                    "--bind", "0.0.0.0",
                    "--buckets", "16",
                    "--data", "/data",
                    "--extension", "/app/mooring-mqtt-bridge.zip",
                    "--keystore", "/tls/server.p12",
                    "--truststore", "/tls/devices.p12"),
            Optional.of(new Health(7190, READY)),
            "/data");

    private static final Image CONNECT = Image.program(
            "connect",
            "devstack/connect",
            "mooring-devstack-connect.jar",
            Map.of(),
            List.of("-cp", "/app/mooring-devstack-connect.jar:/app/lib/*", "io.mooring.devstack.connect.ConnectMain"),
            List.of("--port", "7083", "--bind", "0.0.0.0"),
            // Answers 404 until the worker has joined its group.
            Optional.of(new Health(7083, "/connectors")));

    private static final Image AGENT = Image.program(
            "device-agent",
            "device-agent",
            "mooring-device-agent.jar",
            Map.of(),
            List.of("-jar", "/app/mooring-device-agent.jar"),
            List.of(),
            Optional.empty(),
            "/data");

    private static final Image TOOLS = Image.program(
            "tools",
            "devstack/launcher",
            "mooring-devstack-launcher.jar",
            Map.of(
                    "deploy/postgresql/bootstrap.sql", "/app/deploy/postgresql/bootstrap.sql",
                    "device-agent/src/main/resources/io/mooring/agent/demo-schema.json5",
                            "/app/device-agent/src/main/resources/io/mooring/agent/demo-schema.json5"),
            List.of("-Dmooring.root=/app", "-jar", "/app/mooring-devstack-launcher.jar"),
            List.of("help"),
            Optional.of(new Health(7191, READY)),
            "/secrets",
            "/tls",
            "/demo",
            "/prepared/postgresql",
            "/prepared/connect",
            "/prepared/broker",
            "/prepared/certificates");

    private Catalogue() {}

    /** All of them. */
    public static List<Image> all() {
        List<Image> all = new java.util.ArrayList<>(SERVICES);
        all.addAll(List.of(BROKER, CONNECT, AGENT, withConfigurations(TOOLS)));
        return List.copyOf(all);
    }

    /** It writes every service's secrets into a folder of its own. */
    private static Image withConfigurations(Image tools) {
        List<String> folders = new java.util.ArrayList<>(tools.folders());
        SERVICES.forEach(service -> folders.add("/prepared/" + service.name()));
        return new Image(
                tools.name(),
                tools.module(),
                tools.layers(),
                tools.program(),
                tools.arguments(),
                tools.environment(),
                List.copyOf(folders),
                tools.health());
    }
}
