package io.mooring.logs.http;

import io.quarkus.vertx.http.HttpsServerStart;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.ObservesAsync;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready when the TLS port, if there is to be one, is open. */
@Readiness
@ApplicationScoped
class ReadyCheck implements HealthCheck {
    private final boolean tlsExpected;
    private volatile boolean tlsListens;

    ReadyCheck(@ConfigProperty(name = "quarkus.http.tls-configuration-name") Optional<String> tlsConfiguration) {
        this.tlsExpected = tlsConfiguration.isPresent();
    }

    void onHttps(@ObservesAsync HttpsServerStart started) {
        tlsListens = true;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("logs")
                .status(tlsListens || !tlsExpected)
                .build();
    }
}
