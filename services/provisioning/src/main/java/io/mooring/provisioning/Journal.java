package io.mooring.provisioning;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.mooring.contracts.audit.AuditRecord;
import io.mooring.contracts.kafka.Topic;
import io.mooring.provisioning.core.Change;
import io.mooring.provisioning.core.Refusal;
import io.mooring.provisioning.core.RegistryEntry;
import io.mooring.provisioning.db.Outbox;
import io.mooring.provisioning.kafka.EventCodec;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Puts what happened into the outbox, in the transaction of the change. */
@ApplicationScoped
class Journal {
    private final Outbox outbox;
    private final EventCodec codec;

    Journal(
            Outbox outbox,
            ObjectMapper json,
            ProvisioningConfig config,
            @ConfigProperty(name = "mooring.topics.prefix", defaultValue = Topic.DEFAULT_PREFIX) String topicsPrefix) {
        this.outbox = outbox;
        this.codec = new EventCodec(json, topicsPrefix, config.region());
    }

    /** Tells what became of a device, and the brokers who may connect. */
    void write(Connection connection, Change change, Instant now) throws SQLException {
        List<Outbox.Message> messages = new ArrayList<>();
        change.events().forEach(event -> messages.add(codec.encode(UUID.randomUUID(), event)));
        change.registry().ifPresent(entry -> messages.add(codec.encode(UUID.randomUUID(), entry, now)));
        if (!messages.isEmpty()) {
            outbox.send(connection, messages);
        }
    }

    /** Tells the brokers who may connect. */
    void write(Connection connection, List<RegistryEntry> entries, Instant now) throws SQLException {
        if (!entries.isEmpty()) {
            outbox.send(
                    connection,
                    entries.stream()
                            .map(entry -> codec.encode(UUID.randomUUID(), entry, now))
                            .toList());
        }
    }

    /** Tells the audit trail of a call that was done. */
    void done(
            Connection connection,
            Caller caller,
            String action,
            Map<String, String> parameters,
            Map<String, String> response,
            Instant now)
            throws SQLException {
        audit(connection, AuditRecord.done(action, caller.forTheTrail(), parameters, response, now));
    }

    /** Tells the audit trail of a call that was refused. */
    void refused(
            Connection connection,
            Caller caller,
            String action,
            Map<String, String> parameters,
            Refusal refusal,
            Instant now)
            throws SQLException {
        audit(
                connection,
                AuditRecord.refused(action, caller.forTheTrail(), parameters, refusal.code(), refusal.detail(), now));
    }

    private void audit(Connection connection, AuditRecord record) throws SQLException {
        boolean readOnly = record.action().startsWith("List") || record.action().startsWith("Get");
        outbox.send(
                connection,
                List.of(codec.encode(
                        UUID.randomUUID(), readOnly ? record.asRead() : record, outbox.nextAuditPosition(connection))));
    }
}
