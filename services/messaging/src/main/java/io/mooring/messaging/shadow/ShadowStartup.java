package io.mooring.messaging.shadow;

import io.mooring.chassis.Persistence;
import io.mooring.messaging.core.shadow.StoredShadow;
import io.mooring.messaging.db.Database;
import io.mooring.messaging.db.ShadowStore;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.time.Clock;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Tells the database the limits that hold for whoever writes shadows with SQL, and forgets what is past memory. */
@Singleton
public class ShadowStartup {
    private static final Logger LOG = Logger.getLogger(ShadowStartup.class);

    private final Database database;
    private final ShadowConfig config;
    private final ShadowMessages messages;
    private final Persistence persistence;
    private final Clock clock = Clock.systemUTC();
    private final ScheduledExecutorService sweeper = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("shadows").factory());

    public ShadowStartup(Database database, ShadowConfig config, ShadowMessages messages, Persistence persistence) {
        this.database = database;
        this.config = config;
        this.messages = messages;
        this.persistence = persistence;
    }

    void start(@Observes StartupEvent event) {
        sweeper.execute(() -> persistence.until("say the limits of shadows", () -> {
            database.run(connection -> ShadowStore.configure(connection, config.limits(), messages.events()));
            return true;
        }));
        sweeper.scheduleWithFixedDelay(this::sweep, 1, 60, TimeUnit.MINUTES);
    }

    @PreDestroy
    void stop() {
        sweeper.shutdownNow();
    }

    private void sweep() {
        try {
            database.run(
                    connection -> ShadowStore.sweep(connection, clock.instant().minus(StoredShadow.MEMORY)));
        } catch (SQLException | RuntimeException failed) {
            LOG.warnf("versions of deleted shadows could not be forgotten: %s", failed);
        }
    }
}
