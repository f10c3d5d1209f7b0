package io.mooring.certificates.db;

import io.mooring.certificates.core.CertificateStatus;
import io.mooring.certificates.core.RevocationReason;
import io.mooring.certificates.core.RevokedCertificate;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Certificates: how they stand, and what no longer counts. {@link CertificateLedger} adds them. */
@ApplicationScoped
public class CertificateStore {
    /** Revokes a certificate that was not revoked before; empty if there is none. */
    public Optional<RevokedCertificate> revoke(
            Connection connection, String serial, RevocationReason reason, Instant now) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                with gone as (
                  update certificates.certificate set state = 'revoked', revoked = ?, revocation_reason = ?
                  where serial = ? and state <> 'revoked'
                  returning authority, serial, subject, cloud, fingerprint, revocation_reason, revoked),
                counted as (
                  update certificates.crl set revocations = revocations + 1
                  where authority in (select authority from gone))
                select * from gone
                """)) {
            statement.setObject(1, now.atOffset(ZoneOffset.UTC));
            statement.setString(2, reason.text());
            statement.setString(3, serial);
            return readRevoked(statement).stream().findFirst();
        }
    }

    /** A certificate revoked before. */
    public Optional<RevokedCertificate> findRevoked(Connection connection, String serial) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                select serial, subject, cloud, fingerprint, revocation_reason, revoked
                from certificates.certificate where serial = ? and state = 'revoked'
                """)) {
            statement.setString(1, serial);
            return readRevoked(statement).stream().findFirst();
        }
    }

    /**
     * Gives up intents older than a time: whoever asked never got an answer. If one was signed all the
     * same, its certificate counts as revoked. At most 1,000 at a time.
     */
    public List<RevokedCertificate> abandonIntents(Connection connection, Instant before, Instant now)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                with gone as (
                  update certificates.certificate set state = 'revoked', revoked = ?, revocation_reason = ?
                  where serial in (select serial from certificates.certificate
                                   where state = 'intended' and intended < ?
                                   order by serial limit 1000 for update skip locked)
                  returning authority, serial, subject, cloud, fingerprint, revocation_reason, revoked),
                counted as (
                  update certificates.crl set revocations = revocations + 1
                  where authority in (select authority from gone))
                select * from gone
                """)) {
            statement.setObject(1, now.atOffset(ZoneOffset.UTC));
            statement.setString(2, RevocationReason.CESSATION_OF_OPERATION.text());
            statement.setObject(3, before.atOffset(ZoneOffset.UTC));
            return readRevoked(statement);
        }
    }

    /** How the certificates of these serial numbers stand that an authority signed; those it did not are not in it. */
    public Map<String, CertificateStatus> statuses(Connection connection, UUID authority, List<String> serials)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                select serial, state, revoked, revocation_reason from certificates.certificate
                where serial = any(?) and authority = ? and state <> 'intended'
                """)) {
            statement.setArray(1, connection.createArrayOf("text", serials.toArray()));
            statement.setObject(2, authority);
            Map<String, CertificateStatus> statuses = new HashMap<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    statuses.put(
                            rows.getString("serial"),
                            rows.getString("state").equals("issued")
                                    ? new CertificateStatus.Good()
                                    : new CertificateStatus.Revoked(reason(rows), revoked(rows)));
                }
            }
            return statuses;
        }
    }

    /** What to do with each revoked certificate. */
    @FunctionalInterface
    public interface RevokedVisitor {
        void visit(String serial, Instant revoked, RevocationReason reason);
    }

    /**
     * Goes through what an authority revoked that had not expired at a time, a few thousand rows in
     * memory at once.
     */
    public void visitRevoked(Connection connection, UUID authority, Instant unexpiredAt, RevokedVisitor visitor)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                select serial, revoked, revocation_reason from certificates.certificate
                where state = 'revoked' and authority = ? and not_after >= ?
                """)) {
            statement.setFetchSize(5_000);
            statement.setObject(1, authority);
            statement.setObject(2, unexpiredAt.atOffset(ZoneOffset.UTC));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    visitor.visit(rows.getString("serial"), revoked(rows), reason(rows));
                }
            }
        }
    }

    /** The same of issuing authorities that a root signed. */
    public void visitRevokedAuthorities(Connection connection, UUID root, Instant unexpiredAt, RevokedVisitor visitor)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                select serial, revoked, revocation_reason from certificates.authority
                where issuer = ? and revoked is not null and not_after >= ?
                """)) {
            statement.setObject(1, root);
            statement.setObject(2, unexpiredAt.atOffset(ZoneOffset.UTC));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    visitor.visit(rows.getString("serial"), revoked(rows), reason(rows));
                }
            }
        }
    }

    private static List<RevokedCertificate> readRevoked(PreparedStatement statement) throws SQLException {
        List<RevokedCertificate> found = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                @Nullable String fingerprint = rows.getString("fingerprint");
                found.add(new RevokedCertificate(
                        rows.getString("serial"),
                        rows.getString("subject"),
                        rows.getString("cloud"),
                        fingerprint == null ? "" : fingerprint,
                        reason(rows),
                        revoked(rows)));
            }
        }
        return found;
    }

    private static Instant revoked(ResultSet rows) throws SQLException {
        return rows.getObject("revoked", OffsetDateTime.class).toInstant();
    }

    private static RevocationReason reason(ResultSet rows) throws SQLException {
        return RevocationReason.parseForAuthority(rows.getString("revocation_reason"))
                .orElse(RevocationReason.UNSPECIFIED);
    }
}
