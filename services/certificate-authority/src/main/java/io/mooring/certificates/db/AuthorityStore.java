package io.mooring.certificates.db;

import io.mooring.certificates.core.AuthorityName;
import io.mooring.certificates.core.RevocationReason;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Authorities and their sealed keys. */
@ApplicationScoped
public class AuthorityStore {
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

    /** All authorities whose certificates have not expired: root first, then the newest first. */
    public List<AuthorityRow> findUnexpired(Connection connection, Instant now) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                select id, kind, cloud, issuer, certificate, above, sealed_key, master_key_id, token_label,
                       active_from, revoked, revocation_reason
                from certificates.authority where not_after > ?
                order by kind <> 'root', kind, cloud, active_from desc, created desc
                """)) {
            statement.setObject(1, now.atOffset(ZoneOffset.UTC));
            return read(statement);
        }
    }

    /** Adds an authority, with an empty account of what it revoked. */
    public void add(Connection connection, AuthorityRow row, String serial, Instant notAfter, Instant created)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                with added as (
                  insert into certificates.authority
                    (id, kind, cloud, issuer, serial, certificate, above, sealed_key, master_key_id, token_label,
                     active_from, not_after, created)
                  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning id)
                insert into certificates.crl (authority) select id from added
                """)) {
            statement.setObject(1, row.id());
            statement.setString(2, row.name().kind());
            statement.setString(3, row.name().cloudOrEmpty());
            statement.setObject(4, row.issuer().orElse(null));
            statement.setString(5, serial);
            statement.setBytes(6, row.certificate());
            statement.setArray(7, connection.createArrayOf("bytea", row.above().toArray(byte[][]::new)));
            AuthorityRow.Key key = row.key();
            statement.setBytes(8, key instanceof AuthorityRow.Key.Sealed sealed ? sealed.bytes() : null);
            statement.setString(9, key instanceof AuthorityRow.Key.Sealed sealed ? sealed.masterKeyId() : null);
            statement.setString(10, key instanceof AuthorityRow.Key.OnToken(String label) ? label : null);
            statement.setObject(11, row.activeFrom().atOffset(ZoneOffset.UTC));
            statement.setObject(12, notAfter.atOffset(ZoneOffset.UTC));
            statement.setObject(13, created.atOffset(ZoneOffset.UTC));
            statement.executeUpdate();
        }
    }

    /** Revokes an authority, and counts that among what its issuer revoked; false if it was before. */
    public boolean revoke(Connection connection, UUID id, RevocationReason reason, Instant now) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                with gone as (
                  update certificates.authority set revoked = ?, revocation_reason = ?
                  where id = ? and revoked is null returning issuer)
                update certificates.crl set revocations = revocations + 1
                where authority in (select issuer from gone)
                """)) {
            statement.setObject(1, now.atOffset(ZoneOffset.UTC));
            statement.setString(2, reason.text());
            statement.setObject(3, id);
            return statement.executeUpdate() == 1;
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
                @Nullable OffsetDateTime revoked = rows.getObject("revoked", OffsetDateTime.class);
                found.add(new AuthorityRow(
                        rows.getObject("id", UUID.class),
                        name,
                        Optional.ofNullable(rows.getObject("issuer", UUID.class)),
                        rows.getBytes("certificate"),
                        byteArrays(rows.getArray("above")),
                        key(rows),
                        rows.getObject("active_from", OffsetDateTime.class).toInstant(),
                        Optional.ofNullable(revoked).map(OffsetDateTime::toInstant),
                        Optional.ofNullable(rows.getString("revocation_reason"))
                                .flatMap(RevocationReason::parseForAuthority)));
            }
        }
        return found;
    }

    private static List<byte[]> byteArrays(Array array) throws SQLException {
        return Arrays.asList((byte[][]) array.getArray());
    }

    private static AuthorityRow.Key key(ResultSet rows) throws SQLException {
        byte @Nullable [] sealed = rows.getBytes("sealed_key");
        if (sealed != null) {
            return new AuthorityRow.Key.Sealed(sealed, rows.getString("master_key_id"));
        }
        @Nullable String label = rows.getString("token_label");
        return label == null ? new AuthorityRow.Key.Away() : new AuthorityRow.Key.OnToken(label);
    }
}
