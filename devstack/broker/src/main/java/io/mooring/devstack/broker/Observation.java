package io.mooring.devstack.broker;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.prometheus.metrics.exporter.httpserver.MetricsHandler;
import io.prometheus.metrics.instrumentation.dropwizard.DropwizardExports;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * What whoever watches the broker asks, where the services are asked the same: {@code /q/health/live},
 * {@code /q/health/ready} and {@code /q/metrics}, over plain HTTP.
 *
 * <p>Live: the process answers. Ready: devices are let in, since the bridge has all it needs for that.
 */
final class Observation {
    /** The bridge's gauge: 1 as soon as it serves devices. Without a bridge, the listener is all there is. */
    private static final String BRIDGE_READY = "io.mooring.bridge.ready";

    private static final int UNAVAILABLE = 503;
    private static final int OK = 200;

    private final PrometheusRegistry exported = new PrometheusRegistry();
    private volatile @Nullable MetricRegistry metrics;

    private Observation() {}

    /** Answers from now on, if that is asked for. */
    static Observation start(BrokerOptions options) throws IOException {
        Observation observation = new Observation();
        if (options.httpPort() != 0) {
            HttpServer server = HttpServer.create(new InetSocketAddress(options.bind(), options.httpPort()), 0);
            server.createContext("/q/health/live", exchange -> answer(exchange, true));
            server.createContext("/q/health/ready", exchange -> answer(exchange, observation.isReady()));
            server.createContext("/q/metrics", new MetricsHandler(observation.exported));
            server.setExecutor(Executors.newThreadPerTaskExecutor(
                    Thread.ofPlatform().daemon().name("observation-", 0).factory()));
            server.start();
        }
        return observation;
    }

    /** From now on the broker runs, and these are its metrics. */
    void follow(MetricRegistry registry) {
        DropwizardExports.builder().dropwizardRegistry(registry).register(exported);
        metrics = registry;
    }

    private boolean isReady() {
        MetricRegistry registry = metrics;
        if (registry == null) {
            return false;
        }
        Gauge<?> bridge = registry.getGauges().get(BRIDGE_READY);
        return bridge == null || (bridge.getValue() instanceof Number number && number.intValue() == 1);
    }

    private static void answer(HttpExchange exchange, boolean well) throws IOException {
        byte[] body = (well ? "{\"status\":\"UP\"}" : "{\"status\":\"DOWN\"}").getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(well ? OK : UNAVAILABLE, body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
