package io.mooring.messaging;

import io.mooring.chassis.Persistence;
import io.mooring.messaging.db.AdoptionStore;
import io.mooring.messaging.db.Database;
import io.mooring.messaging.db.RetentionStore;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jboss.logging.Logger;

/** Lets go of commands that have been over for long, with what devices answered; a little at a time. */
@Singleton
public class Housekeeping {
    private static final Logger LOG = Logger.getLogger(Housekeeping.class);
    private static final long LOOK_MILLIS = Duration.ofMinutes(10).toMillis();
    private static final long BREATH_MILLIS = 200;
    private static final Duration EARLY = Duration.ofDays(1);

    private final Clock clock = Clock.systemUTC();
    private final Database database;
    private final Persistence persistence;
    private final Duration retention;

    public Housekeeping(Database database, Persistence persistence, MessagingConfig config) {
        this.database = database;
        this.persistence = persistence;
        this.retention = Duration.ofDays(config.retentionDays());
    }

    void start(@Observes StartupEvent event) {
        Thread.ofVirtual().name("housekeeping").start(() -> {
            try {
                long pause = LOOK_MILLIS;
                while (persistence.pause(pause)) {
                    pause = persistence.until("let go of old commands", this::letGo) ? BREATH_MILLIS : LOOK_MILLIS;
                }
            } catch (Persistence.StoppedException stopped) {
                LOG.debug("stopped", stopped);
            }
        });
    }

    /** Lets go of some; whether there may be more. */
    private boolean letGo() throws SQLException {
        Instant before = clock.instant().minus(retention);
        return database.transact(connection -> {
            AdoptionStore.forgetEarly(connection, clock.instant().minus(EARLY));
            return RetentionStore.letGo(connection, before);
        });
    }
}
