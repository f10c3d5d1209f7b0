package io.mooring.provisioning;

import io.micrometer.core.instrument.MeterRegistry;
import io.mooring.chassis.http.TokenBuckets;
import io.mooring.provisioning.core.Outcome;
import io.mooring.provisioning.core.Refusal;
import io.mooring.provisioning.db.Transactions;
import io.mooring.provisioning.limits.RefusalTally;
import io.mooring.provisioning.limits.RefusalTally.Kind;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;

/**
 * Counts every call, and tells the audit trail of what was refused. What operators are refused is told call by
 * call; of what strangers are, the first few of a kind, and how many more there were.
 */
@ApplicationScoped
public class Trail {
    private static final int MAX_VALUE_LENGTH = 128;

    private final Clock clock = Clock.tickMillis(ZoneOffset.UTC);
    private final Transactions transactions;
    private final Journal journal;
    private final MeterRegistry metrics;
    private final ProvisioningConfig.Limits limits;
    private final RefusalTally tally = new RefusalTally();
    private final PeriodicWork summaries = new PeriodicWork("summaries of refusals", this::tellUntold);

    Trail(Transactions transactions, Journal journal, MeterRegistry metrics, ProvisioningConfig config) {
        this.transactions = transactions;
        this.journal = journal;
        this.metrics = metrics;
        this.limits = config.limits();
    }

    void start() {
        summaries.every(limits.refusalsToldEvery());
    }

    /** Counts the call, audits it if it was refused, and hands its outcome on. */
    public <T> Outcome<T> audited(Caller caller, String action, Map<String, String> asked, Outcome<T> outcome) {
        String code = "";
        if (outcome instanceof Outcome.Refused<T>(Refusal refusal)) {
            code = refusal.code();
            boolean operator = caller.type().equals("Operator");
            if (operator || tally.add(new Kind(action, code, TokenBuckets.source(caller.address())))) {
                tell(caller, action, asked, refusal);
            }
        }
        metrics.counter("mooring.provisioning.calls", "action", action, "refusal", code)
                .increment();
        return outcome;
    }

    /** Tells of a call that was done and changed nothing here; to be called before it is answered. */
    public void done(Caller caller, String action, Map<String, String> asked, Map<String, String> response) {
        transactions.call(connection -> {
            journal.done(connection, caller, action, asked, response, clock.instant());
            return action;
        });
    }

    /** A value as the trail takes it: what strangers send may be long. */
    static String clip(String text) {
        return text.length() <= MAX_VALUE_LENGTH ? text : text.substring(0, MAX_VALUE_LENGTH) + "…";
    }

    private void tell(Caller caller, String action, Map<String, String> asked, Refusal refusal) {
        transactions.call(connection -> {
            journal.refused(connection, caller, action, asked, refusal, clock.instant());
            return refusal;
        });
    }

    private void tellUntold() {
        List<RefusalTally.Untold> untold = tally.drain();
        if (untold.isEmpty()) {
            return;
        }
        transactions.call(connection -> {
            for (RefusalTally.Untold more : untold) {
                Kind kind = more.kind();
                journal.refused(
                        connection,
                        new Caller("Unknown", "", kind.source(), ""),
                        kind.action(),
                        Map.of("times", Long.toString(more.times())),
                        new Refusal(kind.code(), more.times() + " more refusals of this kind"),
                        clock.instant());
            }
            return untold;
        });
    }

    @PreDestroy
    void stop() {
        summaries.stop();
        tellUntold();
    }
}
