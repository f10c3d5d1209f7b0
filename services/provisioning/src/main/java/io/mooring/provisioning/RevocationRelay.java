package io.mooring.provisioning;

import io.mooring.provisioning.authority.CertificateAuthorityClient;
import io.mooring.provisioning.core.Outcome;
import io.mooring.provisioning.core.Refusal;
import io.mooring.provisioning.core.Revocation;
import io.mooring.provisioning.db.RevocationStore;
import io.mooring.provisioning.db.Transactions;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Tells the certificate authority of certificates that no longer count: at once when there are new ones, and
 * every few seconds what it could not be told.
 */
@ApplicationScoped
class RevocationRelay {
    private static final Logger LOG = Logger.getLogger(RevocationRelay.class);
    private static final Duration PERIOD = Duration.ofSeconds(5);
    private static final int AT_ONCE = 100;

    private final Transactions transactions;
    private final RevocationStore revocations;
    private final CertificateAuthorityClient authority;
    private final PeriodicWork work = new PeriodicWork("revocations", this::tell);

    RevocationRelay(Transactions transactions, RevocationStore revocations, CertificateAuthorityClient authority) {
        this.transactions = transactions;
        this.revocations = revocations;
        this.authority = authority;
    }

    void start() {
        work.every(PERIOD);
    }

    /** There may be new ones. */
    void wake() {
        work.wake();
    }

    private void tell() {
        List<Revocation> waiting = transactions.call(connection -> revocations.oldest(connection, AT_ONCE));
        for (Revocation revocation : waiting) {
            if (authority.revoke(revocation) instanceof Outcome.Refused<?>(Refusal refusal)) {
                LOG.errorf("the certificate authority does not revoke %s: %s", revocation.serial(), refusal.code());
            }
            transactions.call(connection -> {
                revocations.remove(connection, revocation.serial());
                return revocation;
            });
        }
    }

    @PreDestroy
    void stop() {
        work.stop();
    }
}
