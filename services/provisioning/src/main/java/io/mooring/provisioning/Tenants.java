package io.mooring.provisioning;

import io.mooring.provisioning.core.Outcome;
import io.mooring.provisioning.core.Owner;
import io.mooring.provisioning.db.TenantStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;

/** Finds out which owner is meant, in a cloud that is known. */
@ApplicationScoped
class Tenants {
    private final ProvisioningConfig config;
    private final TenantStore store;

    Tenants(ProvisioningConfig config, TenantStore store) {
        this.config = config;
        this.store = store;
    }

    /** Who is meant where nobody is named. */
    Owner usual() {
        return new Owner(config.defaultCloud(), config.defaultAccount());
    }

    /**
     * The owner that is named, in part or not at all; its account becomes known. Refused with {@code bad_cloud},
     * {@code bad_account} or {@code unknown_cloud}: a misspelt cloud must not become one.
     */
    Outcome<Owner> named(
            Connection connection, Optional<String> account, Optional<String> cloud, Owner usual, Instant now)
            throws SQLException {
        Outcome<Owner> named = Owner.of(cloud.orElse(usual.cloud()), account.orElse(usual.account()));
        if (!(named instanceof Outcome.Done<Owner>(Owner owner))) {
            return named;
        }
        if (!store.isCloud(connection, owner.cloud())) {
            return Outcome.refused("unknown_cloud", "there is no cloud of this name; create it first");
        }
        store.addAccount(connection, owner, now);
        return named;
    }
}
