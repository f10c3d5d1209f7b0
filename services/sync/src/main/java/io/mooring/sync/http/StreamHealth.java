package io.mooring.sync.http;

import io.mooring.sync.ConnectorSupervisor;
import io.mooring.sync.SyncStartup;
import io.mooring.sync.db.SlotStore;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/** Ready when the clouds' tables are there and changes flow down. */
@Readiness
@Singleton
public class StreamHealth implements HealthCheck {
    private final SyncStartup startup;
    private final ConnectorSupervisor supervisor;

    public StreamHealth(SyncStartup startup, ConnectorSupervisor supervisor) {
        this.startup = startup;
        this.supervisor = supervisor;
    }

    @Override
    public HealthCheckResponse call() {
        ConnectorSupervisor.State state = supervisor.state();
        HealthCheckResponseBuilder response = HealthCheckResponse.named("stream of changes")
                .status(startup.isPrepared() && state.open())
                .withData("detail", state.detail());
        SlotStore.Slot slot = state.slot();
        if (slot != null) {
            response.withData("slot", slot.walStatus()).withData("lagBytes", slot.lagBytes());
        }
        return response.build();
    }
}
