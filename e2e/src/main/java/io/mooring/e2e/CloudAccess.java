package io.mooring.e2e;

import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Devstack;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Where a running cloud is and how to get in, as {@code ./mooring env} prints it.
 *
 * @param api base URL of the operators' API
 * @param deviceApi base URL of the devices' API
 * @param authority the file with the root certificate
 * @param token an operator's token
 * @param jdbcUrl the cloud database
 * @param databaseUser a role that may write the cloud tables
 * @param databasePassword its password
 * @param kafka bootstrap servers
 * @param syncApi base URL of the sync service
 * @param syncToken the token it knows us by
 */
public record CloudAccess(
        String api,
        String deviceApi,
        Path authority,
        String token,
        String jdbcUrl,
        String databaseUser,
        String databasePassword,
        String kafka,
        String syncApi,
        String syncToken) {
    private static final String OPERATOR_ROLE = "mooring_operator";

    /**
     * Reads it from the environment.
     *
     * @throws IllegalArgumentException if something is missing, saying what
     */
    public static CloudAccess of(Map<String, String> environment) {
        return new CloudAccess(
                value(environment, "MOORING_API"),
                value(environment, "MOORING_DEVICE_API"),
                Path.of(value(environment, "MOORING_CA")),
                value(environment, "MOORING_TOKEN"),
                value(environment, "MOORING_JDBC"),
                value(environment, "PGUSER"),
                value(environment, "PGPASSWORD"),
                value(environment, "MOORING_KAFKA"),
                value(environment, "MOORING_SYNC_API"),
                value(environment, "MOORING_SYNC_TOKEN"));
    }

    /** That of a cloud of this process'. */
    public static CloudAccess of(Devstack stack) {
        return new CloudAccess(
                stack.url(Component.PROVISIONING),
                stack.url(Component.PROVISIONING),
                stack.authorityFile(),
                stack.secrets().operatorToken(),
                stack.jdbcUrl(),
                OPERATOR_ROLE,
                stack.password(OPERATOR_ROLE),
                stack.bootstrapServers(),
                stack.url(Component.SYNC),
                stack.secrets().serviceToken("launcher", "sync"));
    }

    /** The same, with another way for devices. */
    public CloudAccess withDeviceApi(String other) {
        return new CloudAccess(
                api, other, authority, token, jdbcUrl, databaseUser, databasePassword, kafka, syncApi, syncToken);
    }

    private static String value(Map<String, String> environment, String name) {
        @Nullable String value = environment.get(name);
        if (value == null || value.isBlank()) {
            throw new IllegalArgumentException(
                    name + " is not set: run this through ./mooring demo, or eval \"$(./mooring env)\" first");
        }
        return value;
    }

    /** A connection to the cloud database. */
    public Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", databaseUser);
        properties.setProperty("password", databasePassword);
        return DriverManager.getConnection(jdbcUrl, properties);
    }

    @Override
    public String toString() {
        return "cloud at " + api;
    }
}
