package io.mooring.chassis.http;

import io.mooring.contracts.tls.RenewableKeyManager;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.KeyCertOptions;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.Config;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Takes up a renewed certificate of the TLS port without a restart. The framework's own way puts a new TLS context in place,
 * and whoever connects while that is made is turned away; so the context stays, and its keys are exchanged.
 */
@ApplicationScoped
final class RenewedTls implements HttpServerOptionsCustomizer {
    private static final Logger LOG = Logger.getLogger(RenewedTls.class);
    private static final long PERIOD_SECONDS = 10;

    private final Config settings;
    private final TlsConfigurationRegistry registry;
    private final Vertx vertx;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("renewed-tls").factory());
    private Map<Path, FileTime> known = Map.of();
    private volatile @Nullable RenewableKeyManager served;

    RenewedTls(Config settings, TlsConfigurationRegistry registry, Vertx vertx) {
        this.settings = settings;
        this.registry = registry;
        this.vertx = vertx;
    }

    @Override
    public void customizeHttpsServer(HttpServerOptions options) {
        KeyCertOptions store = options.getKeyCertOptions();
        if (store == null) {
            return; // No TLS port is configured.
        }
        served = new RenewableKeyManager(() -> store.getKeyManagerFactory(vertx).getKeyManagers());
        options.setKeyCertOptions(KeyCertOptions.wrap(served));
    }

    void start(@Observes StartupEvent started) {
        settings.getOptionalValue("quarkus.http.tls-configuration-name", String.class)
                .ifPresent(name -> {
                    List<Path> files = files(name);
                    known = times(files);
                    var _ = thread.scheduleWithFixedDelay(
                            () -> look(name, files), PERIOD_SECONDS, PERIOD_SECONDS, TimeUnit.SECONDS);
                });
    }

    void stop(@Observes ShutdownEvent stopping) {
        thread.shutdownNow();
    }

    /** The server's key and chain, in whichever form they are. */
    private List<Path> files(String name) {
        String store = "quarkus.tls." + name + ".key-store.";
        return Stream.of("p12.path", "pem.0.cert", "pem.0.key")
                .flatMap(key -> settings.getOptionalValue(store + key, String.class).stream())
                .map(Path::of)
                .toList();
    }

    private void look(String name, List<Path> files) {
        Map<Path, FileTime> now = times(files);
        if (now.size() < files.size() || now.equals(known)) {
            return;
        }
        try {
            TlsConfiguration configuration = registry.get(name).orElseThrow();
            if (served != null && configuration.reload()) {
                served.renew(() -> configuration
                        .getKeyStoreOptions()
                        .getKeyManagerFactory(vertx)
                        .getKeyManagers());
                known = now;
                LOG.infof("the renewed certificate of the TLS port is in use");
            }
        } catch (RuntimeException unusable) {
            LOG.errorf(unusable, "the renewed certificate of the TLS port cannot be used; the one before stays");
        }
    }

    private static Map<Path, FileTime> times(List<Path> files) {
        Map<Path, FileTime> times = new HashMap<>();
        for (Path file : files) {
            try {
                times.put(file, Files.getLastModifiedTime(file));
            } catch (IOException beingReplaced) {
                LOG.debugf("%s cannot be looked at: %s", file, beingReplaced.getMessage());
            }
        }
        return times;
    }
}
