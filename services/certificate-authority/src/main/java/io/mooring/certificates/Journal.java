package io.mooring.certificates;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.MeterRegistry;
import io.mooring.certificates.core.Event;
import io.mooring.certificates.core.Outcome;
import io.mooring.certificates.core.Refusal;
import io.mooring.certificates.db.Outbox;
import io.mooring.certificates.db.Transactions;
import io.mooring.certificates.kafka.EventCodec;
import io.mooring.contracts.audit.AuditRecord;
import io.mooring.contracts.kafka.Topic;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Tells the world and the audit trail what was done and what was refused, and counts it. */
@ApplicationScoped
public class Journal {
    private static final int MOST_OF_ONE_VALUE = 256;

    private final Transactions transactions;
    private final Outbox outbox;
    private final EventCodec codec;
    private final MeterRegistry metrics;
    private final Clock clock;

    Journal(
            Transactions transactions,
            Outbox outbox,
            ObjectMapper json,
            MeterRegistry metrics,
            Clock clock,
            CertificatesConfig config,
            @ConfigProperty(name = "mooring.topics.prefix", defaultValue = Topic.DEFAULT_PREFIX) String topicsPrefix) {
        this.transactions = transactions;
        this.outbox = outbox;
        this.codec = new EventCodec(json, topicsPrefix, config.region());
        this.metrics = metrics;
        this.clock = clock;
    }

    /** Events as records, to be sent in the transaction of the change. */
    List<Outbox.Outgoing> records(List<Event> events) {
        return events.stream()
                .map(event -> codec.encode(UUID.randomUUID(), event))
                .toList();
    }

    /** Sends events in the transaction of the change. */
    void write(Connection connection, List<Event> events) throws SQLException {
        outbox.send(connection, records(events));
    }

    /** Something was done, for the audit trail. */
    Event done(String action, Caller caller, Map<String, String> parameters, Map<String, String> response) {
        AuditRecord done = AuditRecord.done(action, caller.forTheTrail(), parameters, response, clock.instant());
        return new Event.Audited(
                caller.equals(Caller.OURSELVES)
                        ? done.as(AuditRecord.Kind.SERVICE_EVENT, AuditRecord.Category.MANAGEMENT)
                        : done);
    }

    /** Counts a call; tells the audit trail if it was refused. */
    <T> Outcome<T> counted(String action, Caller caller, Map<String, String> asked, Outcome<T> outcome) {
        if (outcome instanceof Outcome.Refused<T>(Refusal refusal)) {
            refused(action, caller, asked, refusal);
        } else {
            count(action, "");
        }
        return outcome;
    }

    /** Counts a refused call and tells the audit trail of it. */
    public void refused(String action, Caller caller, Map<String, String> asked, Refusal refusal) {
        Event refused = new Event.Audited(AuditRecord.refused(
                action, caller.forTheTrail(), asked, refusal.code(), refusal.detail(), clock.instant()));
        transactions.call(connection -> {
            write(connection, List.of(refused));
            return refused;
        });
        count(action, refusal.code());
    }

    /** Counts a call only: for what anybody may ask as often as they like. */
    void count(String action, String refusal) {
        metrics.counter("mooring.certificates.calls", "action", action, "refusal", refusal)
                .increment();
    }

    /** What somebody sent, short enough for a record. */
    static String clip(String text) {
        return text.length() <= MOST_OF_ONE_VALUE ? text : text.substring(0, MOST_OF_ONE_VALUE) + "…";
    }
}
