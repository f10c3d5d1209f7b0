package io.mooring.devstack.launcher.parts;

import io.mooring.devstack.launcher.place.Secrets;
import io.mooring.devstack.launcher.process.StartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import org.postgresql.util.PasswordUtil;

/**
 * A database server that runs, ours or anybody's, and how it is prepared for the services.
 *
 * @param host where it is
 * @param port where it listens
 * @param secrets the passwords of its roles
 */
public record DatabaseServer(String host, int port, Secrets secrets) {
    /** The superuser of the server. */
    public static final String SUPERUSER = "postgres";

    /** The database all services share, each in a schema of its own. */
    public static final String DATABASE = "mooring";

    /** The roles of bootstrap.sql that sign in. */
    public static final List<String> ROLES = List.of(
            "mooring_provisioning",
            "mooring_certificates",
            "mooring_sync",
            "mooring_messaging",
            "mooring_audit",
            "mooring_metrics",
            "mooring_logs",
            "mooring_cdc",
            "mooring_operator");

    /** How often a password is hashed at the least where people may have chosen it (RFC 5802, section 5.1). */
    public static final int SCRAM_ITERATIONS = 4096;

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int SALT_BYTES = 16;

    /** Whether it lets the superuser in. */
    public boolean answers() {
        try (Connection connection = connect("postgres", SUPERUSER)) {
            return connection.isValid(2);
        } catch (SQLException notYet) {
            return false;
        }
    }

    /** Where a database of it is, for JDBC. */
    public String jdbcUrl(String database) {
        return "jdbc:postgresql://" + host + ":" + port + "/" + database;
    }

    /** A connection as a role of bootstrap.sql, or the superuser. */
    public Connection connect(String database, String role) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", role);
        properties.setProperty("password", secrets.rolePassword(role));
        properties.setProperty("ApplicationName", "mooring");
        properties.setProperty("connectTimeout", "5");
        return DriverManager.getConnection(jdbcUrl(database), properties);
    }

    /**
     * Makes database, roles, schemas and passwords. Changes nothing that is there already.
     *
     * @param bootstrapSql deploy/postgresql/bootstrap.sql
     * @param scramIterations how often the roles' passwords are hashed, here and by each who signs in with one
     */
    public void bootstrap(Path bootstrapSql, int scramIterations) {
        try {
            boolean fresh = createDatabase();
            String script = Files.readString(bootstrapSql);
            try (Connection connection = connect(DATABASE, SUPERUSER);
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                statement.execute(script);
                for (String role : ROLES) {
                    statement.execute("ALTER ROLE " + role + " PASSWORD '"
                            + hashed(secrets.rolePassword(role), scramIterations) + "'");
                }
                connection.commit();
                if (fresh) {
                    // Only now: what is written from here on is kept for Debezium. Later, a slot that is gone is a
                    // loss, which sync must see and answer with a new epoch.
                    statement.execute("SELECT public.mooring_ensure_slot()");
                    connection.commit();
                }
            }
        } catch (SQLException | IOException notPrepared) {
            throw new StartException("the database could not be prepared: " + notPrepared.getMessage(), notPrepared);
        }
    }

    /** On this side: the password itself never reaches the server or its log. */
    private static String hashed(String password, int scramIterations) {
        byte[] salt = new byte[SALT_BYTES];
        RANDOM.nextBytes(salt);
        return PasswordUtil.encodeScramSha256(password.toCharArray(), scramIterations, salt);
    }

    /** Whether there was none before. */
    private boolean createDatabase() throws SQLException {
        try (Connection connection = connect("postgres", SUPERUSER);
                Statement statement = connection.createStatement()) {
            try (ResultSet found =
                    statement.executeQuery("SELECT FROM pg_database WHERE datname = '" + DATABASE + "'")) {
                if (found.next()) {
                    return false;
                }
            }
            statement.execute("CREATE DATABASE " + DATABASE);
            return true;
        }
    }
}
