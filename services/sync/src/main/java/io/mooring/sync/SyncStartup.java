package io.mooring.sync;

import io.mooring.chassis.Persistence;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/** What is done once at the start, however long the database takes to be there. */
@Singleton
public class SyncStartup {
    private static final Logger LOG = Logger.getLogger(SyncStartup.class);

    private final SchemaHandler schemas;
    private final ConnectorSupervisor supervisor;
    private final Persistence persistence;
    private final SyncConfig config;
    private volatile boolean prepared;

    public SyncStartup(
            SchemaHandler schemas, ConnectorSupervisor supervisor, Persistence persistence, SyncConfig config) {
        this.schemas = schemas;
        this.supervisor = supervisor;
        this.persistence = persistence;
        this.config = config;
    }

    void start(@Observes StartupEvent event) {
        Thread.ofVirtual().name("startup").start(() -> {
            try {
                persistence.until("make the replication slot", () -> {
                    supervisor.ensureSlot();
                    return true;
                });
                Thread.ofVirtual().name("connector").start(supervisor::watch);
                persistence.until("prepare the clouds' tables", () -> {
                    schemas.refreshAll();
                    return schemas.of(config.defaultCloud());
                });
                prepared = true;
            } catch (Persistence.StoppedException e) {
                LOG.debug("stopped before all was prepared", e);
            }
        });
    }

    /** Whether the clouds' tables are there. */
    public boolean isPrepared() {
        return prepared;
    }
}
