package io.mooring.agent;

import com.hivemq.client.mqtt.MqttClientExecutorConfig;
import io.mooring.agent.enrol.Trust;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** What the agents of one process share: threads, the HTTP client, whom they trust. */
public final class AgentRuntime implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(10);

    private final Trust trust;
    private final HttpClient http;
    private final ExecutorService network;
    private final MqttClientExecutorConfig mqtt;
    private final ExecutorService agents;

    private AgentRuntime(Trust trust, int networkThreads) throws GeneralSecurityException {
        this.trust = trust;
        agents = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("agent-", 0).factory());
        http = HttpClient.newBuilder()
                .sslContext(trust.context())
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT)
                .executor(agents)
                .build();
        network = Executors.newCachedThreadPool(
                Thread.ofPlatform().daemon().name("mqtt-", 0).factory());
        mqtt = MqttClientExecutorConfig.builder()
                .nettyExecutor(network)
                .nettyThreads(networkThreads)
                .build();
    }

    /**
     * Makes one.
     *
     * @param authority PEM file of the authorities to trust, or null for those of the Java runtime
     * @param networkThreads how many threads all MQTT connections share
     * @throws IOException if the file cannot be used
     */
    public static AgentRuntime trusting(@Nullable Path authority, int networkThreads) throws IOException {
        try {
            return new AgentRuntime(Trust.in(authority), networkThreads);
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS cannot be set up: " + e.getMessage(), e);
        }
    }

    Trust trust() {
        return trust;
    }

    HttpClient http() {
        return http;
    }

    MqttClientExecutorConfig mqtt() {
        return mqtt;
    }

    /** A virtual thread for each task. */
    ExecutorService agents() {
        return agents;
    }

    /** Ends what is left; close the agents first. */
    @Override
    public void close() {
        http.shutdownNow();
        agents.shutdownNow();
        network.shutdownNow();
    }
}
