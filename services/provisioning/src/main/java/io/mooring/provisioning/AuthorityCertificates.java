package io.mooring.provisioning;

import io.mooring.provisioning.authority.CertificateAuthorityClient;
import io.mooring.provisioning.core.Outcome;
import io.mooring.provisioning.db.TenantStore;
import io.mooring.provisioning.db.Transactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The authorities' certificates, which anybody may ask for, kept for a while so that few questions go on. */
@ApplicationScoped
public class AuthorityCertificates {
    private static final Duration KEPT = Duration.ofSeconds(10);

    private final CertificateAuthorityClient authority;
    private final Transactions transactions;
    private final TenantStore tenants;

    /** By cloud, and the empty name for all; no more than there are clouds. */
    private final Map<String, Kept> kept = new ConcurrentHashMap<>();

    private record Kept(String pem, long untilNanos) {}

    AuthorityCertificates(CertificateAuthorityClient authority, Transactions transactions, TenantStore tenants) {
        this.authority = authority;
        this.transactions = transactions;
        this.tenants = tenants;
    }

    /** Those of a cloud, or of all there are, PEM; refused with {@code unknown_cloud}. */
    public Outcome<String> of(Optional<String> cloud) {
        String name = cloud.orElse("");
        Kept known = kept.get(name);
        if (known != null && known.untilNanos() - System.nanoTime() > 0) {
            return Outcome.done(known.pem());
        }
        boolean unknown = cloud.isPresent()
                && (cloud.get().indexOf('\0') >= 0
                        || !transactions.call(connection -> tenants.isCloud(connection, cloud.get())));
        if (unknown) {
            return Outcome.refused("unknown_cloud", "there is no cloud of this name");
        }
        Outcome<String> answered = authority.authorities(cloud);
        if (answered instanceof Outcome.Done<String>(String pem)) {
            kept.put(name, new Kept(pem, System.nanoTime() + KEPT.toNanos()));
        }
        return answered;
    }
}
