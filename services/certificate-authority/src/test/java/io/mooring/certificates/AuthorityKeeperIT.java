package io.mooring.certificates;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mooring.certificates.core.AuthorityLifetimes;
import io.mooring.certificates.core.AuthorityName;
import io.mooring.certificates.db.AuthorityStore;
import io.mooring.certificates.x509.Authority;
import io.mooring.certificates.x509.CertificateMaker;
import io.mooring.certificates.x509.KeyVault;
import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Devstack;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Making authorities, by several at once, in a real database. */
class AuthorityKeeperIT {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final String MASTER_KEY = Base64.getEncoder().encodeToString(new byte[32]);

    private static Devstack stack;

    @BeforeAll
    static void start() {
        stack = Devstack.builder().with(Component.POSTGRESQL).start();
        Flyway.configure()
                .dataSource(stack.jdbcUrl(), "mooring_certificates", stack.password("mooring_certificates"))
                .schemas("certificates")
                .load()
                .migrate();
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @Test
    void makesOneOfEachHoweverManyStartTogether() throws Exception {
        int processes = 6;
        CyclicBarrier together = new CyclicBarrier(processes);
        List<Future<UUID>> made = new ArrayList<>();
        try (var threads = Executors.newFixedThreadPool(processes)) {
            for (int i = 0; i < processes; i++) {
                made.add(threads.submit(() -> {
                    AuthorityKeeper keeper = keeper(MASTER_KEY);
                    together.await();
                    return active(keeper, new AuthorityName.Cloud("race")).id();
                }));
            }
        }

        assertThat(made).extracting(Future::get).containsOnly(made.getFirst().get());
        try (Connection connection = stack.connection("mooring_certificates");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "select count(*) filter (where kind = 'root'), count(*) filter (where cloud = 'race')"
                                + " from certificates.authority")) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getInt(1)).isOne();
            assertThat(rows.getInt(2)).isOne();
        }
    }

    @Test
    void opensWhatAnotherProcessMade() throws Exception {
        Authority made = active(keeper(MASTER_KEY), new AuthorityName.Servers());
        Authority opened = active(keeper(MASTER_KEY), new AuthorityName.Servers());

        assertThat(opened.certificate()).isEqualTo(made.certificate());
        assertThat(opened.key()).isEqualTo(made.key());
    }

    @Test
    void saysWhichMasterKeyIsMissing() throws Exception {
        active(keeper(MASTER_KEY), new AuthorityName.Root());
        byte[] other = new byte[32];
        other[0] = 1;
        AuthorityKeeper stranger = keeper(Base64.getEncoder().encodeToString(other));

        assertThatThrownBy(() -> active(stranger, new AuthorityName.Root()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("mooring.certificates.master-key")
                .hasMessageContaining(
                        KeyVault.open(MASTER_KEY, new SecureRandom()).masterKeyId());
    }

    private static Authority active(AuthorityKeeper keeper, AuthorityName name) throws Exception {
        try (Connection connection = stack.connection("mooring_certificates")) {
            connection.setAutoCommit(false);
            Authority authority = keeper.active(connection, name, NOW);
            connection.commit();
            return authority;
        }
    }

    private static AuthorityKeeper keeper(String masterKey) {
        SecureRandom random = new SecureRandom();
        return new AuthorityKeeper(
                new AuthorityStore(),
                new CertificateMaker(random),
                KeyVault.open(masterKey, random),
                new AuthorityLifetimes(Duration.ofDays(7300), Duration.ofDays(3650), Duration.ofMinutes(5)));
    }
}
