package io.mooring.provisioning.db;

import io.mooring.provisioning.core.CertificateReference;
import io.mooring.provisioning.core.Description;
import io.mooring.provisioning.core.Device;
import io.mooring.provisioning.core.DeviceSecret;
import io.mooring.provisioning.core.Identity;
import io.mooring.provisioning.core.Owner;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Devices, their tokens and their certificates. */
@ApplicationScoped
public class DeviceStore {
    private static final String SELECT = """
            select id, product, state, cloud, account, name, description, model, properties,
                   block_delay_seconds, registered, since, secret_hash, secret_proven,
                   array(select hash from provisioning.device_token t
                         where t.device = d.id order by added desc) as tokens,
                   array(select serial from provisioning.device_certificate c
                         where c.device = d.id order by added desc) as serials,
                   array(select fingerprint from provisioning.device_certificate c
                         where c.device = d.id order by added desc) as fingerprints,
                   array(select expires from provisioning.device_certificate c
                         where c.device = d.id order by added desc) as expiries,
                   array(select public_key from provisioning.device_certificate c
                         where c.device = d.id order by added desc) as keys
            from provisioning.device d
            """;

    /**
     * Waits until nobody else is changing this device, which need not exist yet. Then what {@link #find}
     * reads stays true until the transaction ends.
     */
    public void lock(Connection connection, String id) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("select pg_advisory_xact_lock(hashtextextended(?, 1))")) {
            statement.setString(1, id);
            statement.execute();
        }
    }

    /** The device with this id. */
    public Optional<Device> find(Connection connection, String id) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SELECT + "where id = ?")) {
            statement.setString(1, id);
            return read(statement).stream().findFirst();
        }
    }

    /** The device that may show the token with this hash. */
    public Optional<Device> findByToken(Connection connection, String tokenHash) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                SELECT + "where id = (select device from provisioning.device_token where hash = ?)")) {
            statement.setString(1, tokenHash);
            return read(statement).stream().findFirst();
        }
    }

    /** The device that may connect with the certificate with this fingerprint. */
    public Optional<Device> findByFingerprint(Connection connection, String fingerprint) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                SELECT + "where id = (select device from provisioning.device_certificate where fingerprint = ?)")) {
            statement.setString(1, fingerprint);
            return read(statement).stream().findFirst();
        }
    }

    /** Those of some devices that have more than one certificate. */
    public Set<String> withSeveralCertificates(Connection connection, Collection<String> ids) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                select device from provisioning.device_certificate where device = any(?)
                group by device having count(*) > 1
                """)) {
            statement.setArray(1, connection.createArrayOf("text", ids.toArray(String[]::new)));
            Set<String> found = new HashSet<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    found.add(rows.getString(1));
                }
            }
            return found;
        }
    }

    /** Devices by id, after one. */
    public List<Device> list(Connection connection, String after, int limit) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SELECT + "where id > ? order by id limit ?")) {
            statement.setString(1, after);
            statement.setInt(2, limit);
            return read(statement);
        }
    }

    /**
     * Devices by id, after one, which nobody else can change until the transaction ends. In two steps, since
     * only what a later statement reads is sure to be no older than the lock.
     */
    public List<Device> listLocked(Connection connection, String after, int limit) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("select max(id) from (select id"
                + " from provisioning.device where id > ? order by id limit ? for share) page")) {
            statement.setString(1, after);
            statement.setInt(2, limit);
            try (ResultSet row = statement.executeQuery()) {
                String last = row.next() ? row.getString(1) : null;
                if (last == null) {
                    return List.of();
                }
                try (PreparedStatement page =
                        connection.prepareStatement(SELECT + "where id > ? and id <= ? order by id")) {
                    page.setString(1, after);
                    page.setString(2, last);
                    return read(page);
                }
            }
        }
    }

    /** Ids of deleted devices, after one. */
    public List<String> listDeleted(Connection connection, String after, int limit) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "select id from provisioning.deleted_device where id > ? order by id limit ? for share")) {
            statement.setString(1, after);
            statement.setInt(2, limit);
            List<String> found = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    found.add(rows.getString(1));
                }
            }
            return found;
        }
    }

    /** Writes a device as it is now. */
    public void save(Connection connection, Device device) throws SQLException {
        if (device instanceof Device.Deleted deleted) {
            delete(connection, deleted);
            return;
        }
        saveRow(connection, device);
        List<String> tokens = device instanceof Device.Owned owned ? owned.tokens() : List.of();
        List<CertificateReference> certificates =
                device instanceof Device.Owned owned ? owned.certificates() : List.of();
        keepOnly(connection, "device_token", "hash", device.identity().id(), tokens);
        keepOnly(
                connection,
                "device_certificate",
                "serial",
                device.identity().id(),
                certificates.stream().map(CertificateReference::serial).toList());
        addTokens(connection, device.identity().id(), tokens);
        addCertificates(connection, device.identity().id(), certificates);
    }

    /** A deleted device is there again. */
    public void returned(Connection connection, String id) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("delete from provisioning.deleted_device where id = ?")) {
            statement.setString(1, id);
            statement.executeUpdate();
        }
    }

    private static void delete(Connection connection, Device.Deleted device) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement("delete from provisioning.device where id = ?");
                PreparedStatement remember = connection.prepareStatement(
                        "insert into provisioning.deleted_device (id, deleted) values (?, ?) on conflict do nothing")) {
            delete.setString(1, device.identity().id());
            delete.executeUpdate();
            remember.setString(1, device.identity().id());
            remember.setObject(2, device.since().atOffset(ZoneOffset.UTC));
            remember.executeUpdate();
        }
    }

    private static void saveRow(Connection connection, Device device) throws SQLException {
        Identity identity = device.identity();
        try (PreparedStatement statement = connection.prepareStatement("""
                insert into provisioning.device (id, product, state, cloud, account, name, description, model,
                  properties, block_delay_seconds, registered, since, secret_hash, secret_proven)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?::json, ?, ?, ?, ?, ?)
                on conflict (id) do update set product = excluded.product, state = excluded.state,
                  cloud = excluded.cloud, account = excluded.account, name = excluded.name,
                  description = excluded.description, model = excluded.model, properties = excluded.properties,
                  block_delay_seconds = excluded.block_delay_seconds, since = excluded.since,
                  secret_hash = excluded.secret_hash, secret_proven = excluded.secret_proven
                """)) {
            Optional<Owner> owner = device instanceof Device.Released released
                    ? Optional.of(released.formerOwner())
                    : device.ownerIfAny();
            statement.setString(1, identity.id());
            statement.setString(2, identity.product());
            statement.setString(3, state(device));
            statement.setString(4, owner.map(Owner::cloud).orElse(null));
            statement.setString(5, owner.map(Owner::account).orElse(null));
            statement.setString(6, identity.description().name());
            statement.setString(7, identity.description().description());
            statement.setString(8, identity.description().model());
            statement.setString(9, identity.description().properties());
            if (device instanceof Device.Blocked blocked) {
                statement.setInt(10, blocked.delaySeconds());
            } else {
                statement.setNull(10, Types.INTEGER);
            }
            statement.setObject(11, identity.registered().atOffset(ZoneOffset.UTC));
            statement.setObject(12, device.since().atOffset(ZoneOffset.UTC));
            Optional<DeviceSecret> secret = identity.secret();
            statement.setString(13, secret.map(DeviceSecret::hash).orElse(null));
            statement.setObject(
                    14,
                    secret.flatMap(DeviceSecret::proven)
                            .map(at -> at.atOffset(ZoneOffset.UTC))
                            .orElse(null));
            statement.executeUpdate();
        }
    }

    /** The name of a device's state, as the database and the API have it. */
    public static String state(Device device) {
        return switch (device) {
            case Device.Registered registered -> "registered";
            case Device.Claimed claimed -> "claimed";
            case Device.Provisioned provisioned -> "provisioned";
            case Device.Blocked blocked -> "blocked";
            case Device.Released released -> "released";
            case Device.Deleted deleted -> "deleted";
        };
    }

    private static void keepOnly(Connection connection, String table, String column, String device, List<String> kept)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "delete from provisioning." + table + " where device = ? and " + column + " <> all(?)")) {
            statement.setString(1, device);
            statement.setArray(2, connection.createArrayOf("text", kept.toArray()));
            statement.executeUpdate();
        }
    }

    /** Oldest first, so that the order of adding is the order of age. */
    private static void addTokens(Connection connection, String device, List<String> tokens) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "insert into provisioning.device_token (hash, device) values (?, ?) on conflict do nothing")) {
            for (String token : tokens.reversed()) {
                statement.setString(1, token);
                statement.setString(2, device);
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    private static void addCertificates(Connection connection, String device, List<CertificateReference> certificates)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                insert into provisioning.device_certificate (serial, device, fingerprint, expires, public_key)
                values (?, ?, ?, ?, ?) on conflict do nothing
                """)) {
            for (CertificateReference certificate : certificates.reversed()) {
                statement.setString(1, certificate.serial());
                statement.setString(2, device);
                statement.setString(3, certificate.fingerprint());
                statement.setObject(4, certificate.expires().atOffset(ZoneOffset.UTC));
                statement.setString(5, certificate.publicKey());
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    private static List<Device> read(PreparedStatement statement) throws SQLException {
        List<Device> found = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                found.add(device(rows));
            }
        }
        return found;
    }

    private static Device device(ResultSet row) throws SQLException {
        OffsetDateTime proven = row.getObject("secret_proven", OffsetDateTime.class);
        Identity identity = new Identity(
                row.getString("id"),
                row.getString("product"),
                new Description(
                        row.getString("name"),
                        row.getString("description"),
                        row.getString("model"),
                        row.getString("properties")),
                instant(row, "registered"),
                Optional.ofNullable(row.getString("secret_hash"))
                        .map(hash -> new DeviceSecret(
                                hash, Optional.ofNullable(proven).map(OffsetDateTime::toInstant))));
        Instant since = instant(row, "since");
        String state = row.getString("state");
        if (state.equals("registered")) {
            return new Device.Registered(identity, since);
        }
        Owner owner = new Owner(row.getString("cloud"), row.getString("account"));
        List<String> tokens = texts(row, "tokens");
        List<CertificateReference> certificates = certificates(row);
        return switch (state) {
            case "claimed" -> new Device.Claimed(identity, owner, tokens, since);
            case "provisioned" -> new Device.Provisioned(identity, owner, tokens, certificates, since);
            case "blocked" ->
                new Device.Blocked(identity, owner, tokens, certificates, row.getInt("block_delay_seconds"), since);
            case "released" -> new Device.Released(identity, owner, since);
            default -> throw new SQLException("a device's state is unknown: " + state);
        };
    }

    private static List<CertificateReference> certificates(ResultSet row) throws SQLException {
        List<String> serials = texts(row, "serials");
        List<String> fingerprints = texts(row, "fingerprints");
        List<String> keys = texts(row, "keys");
        Object[] expiries = (Object[]) row.getArray("expiries").getArray();
        List<CertificateReference> certificates = new ArrayList<>();
        for (int i = 0; i < serials.size(); i++) {
            Instant expires = ((java.sql.Timestamp) expiries[i]).toInstant();
            certificates.add(new CertificateReference(serials.get(i), fingerprints.get(i), expires, keys.get(i)));
        }
        return certificates;
    }

    private static List<String> texts(ResultSet row, String column) throws SQLException {
        Array array = row.getArray(column);
        return List.of((String[]) array.getArray());
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
