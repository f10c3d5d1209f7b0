package io.mooring.provisioning;

import io.mooring.provisioning.authority.CertificateAuthorityClient;
import io.mooring.provisioning.core.Outcome;
import io.mooring.provisioning.core.Owner;
import io.mooring.provisioning.db.TenantStore;
import io.mooring.provisioning.db.Transactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What operators do with device clouds and accounts. */
@ApplicationScoped
public class TenantHandler {
    private final Clock clock = Clock.tickMillis(ZoneOffset.UTC);
    private final Transactions transactions;
    private final TenantStore store;
    private final Tenants tenants;
    private final CertificateAuthorityClient authority;
    private final Journal journal;
    private final Trail trail;

    TenantHandler(
            Transactions transactions,
            TenantStore store,
            Tenants tenants,
            CertificateAuthorityClient authority,
            Journal journal,
            Trail trail) {
        this.transactions = transactions;
        this.store = store;
        this.tenants = tenants;
        this.authority = authority;
        this.journal = journal;
        this.trail = trail;
    }

    /**
     * Makes a device cloud, with an issuing authority of its own; one that is there is left as it is. Its
     * authority comes first: by when the first device comes, the brokers trust it.
     */
    public Outcome<TenantStore.Cloud> createCloud(Caller caller, String name) {
        Map<String, String> asked = Map.of("cloud", Trail.clip(name));
        Outcome<TenantStore.Cloud> outcome = Owner.of(name, tenants.usual().account())
                .then(owner -> authority.open(owner.cloud()))
                .then(opened -> transactions.call(connection -> {
                    Instant now = clock.instant();
                    store.addCloud(connection, name, now);
                    journal.done(connection, caller, "CreateCloud", asked, Map.of(), now);
                    return store.clouds(connection).stream()
                            .filter(cloud -> cloud.name().equals(name))
                            .findFirst()
                            .map(Outcome::done)
                            .orElseThrow(() -> new IllegalStateException("just made"));
                }));
        return trail.audited(caller, "CreateCloud", asked, outcome);
    }

    /** All clouds, by name. */
    public List<TenantStore.Cloud> listClouds(Caller caller) {
        return transactions.call(connection -> {
            journal.done(connection, caller, "ListClouds", Map.of(), Map.of(), clock.instant());
            return store.clouds(connection);
        });
    }

    /** Makes an account in a cloud; one that is there is left as it is. Refused with {@code unknown_cloud}. */
    public Outcome<Owner> createAccount(Caller caller, String name, Optional<String> cloud) {
        Map<String, String> asked = Map.of("account", Trail.clip(name));
        Outcome<Owner> outcome = transactions.call(connection -> {
            Instant now = clock.instant();
            Outcome<Owner> owner = tenants.named(connection, Optional.of(name), cloud, tenants.usual(), now);
            if (owner instanceof Outcome.Done<Owner>(Owner made)) {
                journal.done(connection, caller, "CreateAccount", asked, Map.of("cloud", made.cloud()), now);
            }
            return owner;
        });
        return trail.audited(caller, "CreateAccount", asked, outcome);
    }

    /** All accounts, by cloud and name. */
    public List<TenantStore.Account> listAccounts(Caller caller) {
        return transactions.call(connection -> {
            journal.done(connection, caller, "ListAccounts", Map.of(), Map.of(), clock.instant());
            return store.accounts(connection);
        });
    }
}
