package io.mooring.provisioning.http;

import io.quarkus.vertx.http.HttpsServerStart;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.ObservesAsync;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready only when devices can connect: the plain port, where health is asked, may open before the TLS port. */
@Readiness
@ApplicationScoped
class ListenersCheck implements HealthCheck {
    private final boolean tlsExpected;
    private volatile boolean tlsListens;

    ListenersCheck(
            @ConfigProperty(name = "quarkus.http.ssl.certificate.files") Optional<List<String>> pemFiles,
            @ConfigProperty(name = "quarkus.http.ssl.certificate.key-store-file") Optional<String> keyStore,
            @ConfigProperty(name = "quarkus.http.tls-configuration-name") Optional<String> tlsConfiguration) {
        this.tlsExpected = pemFiles.isPresent() || keyStore.isPresent() || tlsConfiguration.isPresent();
    }

    void onHttps(@ObservesAsync HttpsServerStart started) {
        tlsListens = true;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("listeners")
                .status(tlsListens || !tlsExpected)
                .build();
    }
}
