package io.mooring.certificates.db;

import io.mooring.certificates.core.AuthorityName;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Authorities and their sealed keys. */
@ApplicationScoped
public class AuthorityStore {
    private static final String COLUMNS = "id, kind, cloud, certificate, sealed_key, master_key_id";

    /**
     * Held by whoever makes an authority until its transaction ends, so that two processes starting
     * together make one root and not two.
     */
    private static final long CREATION_LOCK = 0x6d6f6f72696e6701L;

    /** Waits until nobody else is making an authority. */
    public void lockForCreation(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("select pg_advisory_xact_lock(?)")) {
            statement.setLong(1, CREATION_LOCK);
            statement.execute();
        }
    }

    /** The authority that signs under a name. */
    public Optional<AuthorityRow> findActive(Connection connection, AuthorityName name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("select " + COLUMNS
                + " from certificates.authority where kind = ? and cloud = ? and state = 'active'")) {
            statement.setString(1, name.kind());
            statement.setString(2, name.cloudOrEmpty());
            return read(statement).stream().findFirst();
        }
    }

    /** Which authority signs under a name: cheaper than {@link #findActive}. */
    public Optional<UUID> findActiveId(Connection connection, AuthorityName name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "select id from certificates.authority where kind = ? and cloud = ? and state = 'active'")) {
            statement.setString(1, name.kind());
            statement.setString(2, name.cloudOrEmpty());
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? Optional.of(rows.getObject(1, UUID.class)) : Optional.empty();
            }
        }
    }

    /** All authorities whose certificates are still valid, root first, then the newest first. */
    public List<AuthorityRow> findValid(Connection connection, Instant now) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("select " + COLUMNS
                + " from certificates.authority where not_after > ?"
                + " order by kind <> 'root', kind, cloud, created desc")) {
            statement.setObject(1, now.atOffset(ZoneOffset.UTC));
            return read(statement);
        }
    }

    /** Adds an authority, active. */
    public void add(
            Connection connection,
            AuthorityRow row,
            @Nullable UUID issuer,
            String serial,
            Instant notAfter,
            Instant created)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                insert into certificates.authority
                  (id, kind, cloud, issuer, state, serial, certificate, sealed_key, master_key_id, not_after, created)
                values (?, ?, ?, ?, 'active', ?, ?, ?, ?, ?, ?)
                """)) {
            statement.setObject(1, row.id());
            statement.setString(2, row.name().kind());
            statement.setString(3, row.name().cloudOrEmpty());
            statement.setObject(4, issuer);
            statement.setString(5, serial);
            statement.setBytes(6, row.certificate());
            statement.setBytes(7, row.sealedKey());
            statement.setString(8, row.masterKeyId());
            statement.setObject(9, notAfter.atOffset(ZoneOffset.UTC));
            statement.setObject(10, created.atOffset(ZoneOffset.UTC));
            statement.executeUpdate();
        }
    }

    private static List<AuthorityRow> read(PreparedStatement statement) throws SQLException {
        List<AuthorityRow> found = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                AuthorityName name = switch (rows.getString("kind")) {
                    case "root" -> new AuthorityName.Root();
                    case "servers" -> new AuthorityName.Servers();
                    default -> new AuthorityName.Cloud(rows.getString("cloud"));
                };
                found.add(new AuthorityRow(
                        rows.getObject("id", UUID.class),
                        name,
                        rows.getBytes("certificate"),
                        rows.getBytes("sealed_key"),
                        rows.getString("master_key_id")));
            }
        }
        return found;
    }
}
