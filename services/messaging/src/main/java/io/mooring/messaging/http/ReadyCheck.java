package io.mooring.messaging.http;

import io.mooring.messaging.EventStreams;
import io.quarkus.vertx.http.HttpsServerStart;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.ObservesAsync;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready when the TLS port, if there is to be one, is open, and events can be listened to. */
@Readiness
@ApplicationScoped
class ReadyCheck implements HealthCheck {
    private final EventStreams streams;
    private final boolean tlsExpected;
    private volatile boolean tlsListens;

    ReadyCheck(
            EventStreams streams,
            @ConfigProperty(name = "quarkus.http.tls-configuration-name") Optional<String> tlsConfiguration) {
        this.streams = streams;
        this.tlsExpected = tlsConfiguration.isPresent();
    }

    void onHttps(@ObservesAsync HttpsServerStart started) {
        tlsListens = true;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("messaging")
                .status((tlsListens || !tlsExpected) && streams.isHeard())
                .build();
    }
}
