package io.mooring.files.http;

import io.mooring.files.DeviceRegistry;
import io.quarkus.vertx.http.HttpsServerStart;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.ObservesAsync;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready when all that the registry said before has been heard, and the TLS port, if there is to be one, is open. */
@Readiness
@ApplicationScoped
class ReadyCheck implements HealthCheck {
    private final DeviceRegistry registry;
    private final boolean tlsExpected;
    private volatile boolean tlsListens;

    ReadyCheck(
            DeviceRegistry registry,
            @ConfigProperty(name = "quarkus.http.ssl.certificate.files") Optional<List<String>> pemFiles,
            @ConfigProperty(name = "quarkus.http.ssl.certificate.key-store-file") Optional<String> keyStore,
            @ConfigProperty(name = "quarkus.http.tls-configuration-name") Optional<String> tlsConfiguration) {
        this.registry = registry;
        this.tlsExpected = pemFiles.isPresent() || keyStore.isPresent() || tlsConfiguration.isPresent();
    }

    void onHttps(@ObservesAsync HttpsServerStart started) {
        tlsListens = true;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("files")
                .status(registry.isComplete() && (tlsListens || !tlsExpected))
                .withData("registry", registry.isComplete())
                .withData("devices", registry.size())
                .build();
    }
}
