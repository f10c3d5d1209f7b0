package io.mooring.certificates.db;

import io.mooring.certificates.core.IssuedCertificate;
import io.mooring.certificates.core.Purpose;
import io.mooring.certificates.core.RevocationReason;
import io.mooring.certificates.core.RevokedCertificate;
import io.mooring.certificates.core.Validity;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Certificates: what is about to be signed, what was, and what no longer counts. */
@ApplicationScoped
public class CertificateStore {
    /**
     * What is about to be signed.
     *
     * @param authority by whom
     * @param prepared the exact bytes, DER
     * @param requestedBy the client that asked
     */
    @SuppressWarnings("ArrayRecordComponent") // passed on, never compared
    public record Intent(
            String serial, UUID authority, Purpose purpose, Validity validity, byte[] prepared, String requestedBy) {}

    /** Records the intent to sign. */
    public void intend(Connection connection, Intent intent, Instant now) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                insert into certificates.certificate
                  (serial, authority, purpose, cloud, subject, state, prepared, requested_by, not_before, not_after, intended)
                values (?, ?, ?, ?, ?, 'intended', ?, ?, ?, ?, ?)
                """)) {
            statement.setString(1, intent.serial());
            statement.setObject(2, intent.authority());
            statement.setString(3, intent.purpose() instanceof Purpose.Device ? "device" : "server");
            statement.setString(4, intent.purpose() instanceof Purpose.Device(String cloud, String id) ? cloud : "");
            statement.setString(5, intent.purpose().subject());
            statement.setBytes(6, intent.prepared());
            statement.setString(7, intent.requestedBy());
            statement.setObject(8, intent.validity().notBefore().atOffset(ZoneOffset.UTC));
            statement.setObject(9, intent.validity().notAfter().atOffset(ZoneOffset.UTC));
            statement.setObject(10, now.atOffset(ZoneOffset.UTC));
            statement.executeUpdate();
        }
    }

    /** Records that what was intended has been signed; false if the intent was given up meanwhile. */
    public boolean complete(Connection connection, IssuedCertificate issued, byte[] certificate, Instant now)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                update certificates.certificate set state = 'issued', certificate = ?, fingerprint = ?, issued = ?
                where serial = ? and state = 'intended'
                """)) {
            statement.setBytes(1, certificate);
            statement.setString(2, issued.fingerprint());
            statement.setObject(3, now.atOffset(ZoneOffset.UTC));
            statement.setString(4, issued.serial());
            return statement.executeUpdate() == 1;
        }
    }

    /** Revokes a certificate that was not revoked before; empty if there is none. */
    public Optional<RevokedCertificate> revoke(
            Connection connection, String serial, RevocationReason reason, Instant now) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                update certificates.certificate set state = 'revoked', revoked = ?, revocation_reason = ?
                where serial = ? and state <> 'revoked'
                returning serial, subject, cloud, fingerprint, revocation_reason, revoked
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
     * same, its certificate counts as revoked.
     */
    public List<RevokedCertificate> abandonIntents(Connection connection, Instant before, Instant now)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                update certificates.certificate set state = 'revoked', revoked = ?, revocation_reason = ?
                where state = 'intended' and intended < ?
                returning serial, subject, cloud, fingerprint, revocation_reason, revoked
                """)) {
            statement.setObject(1, now.atOffset(ZoneOffset.UTC));
            statement.setString(2, RevocationReason.CESSATION_OF_OPERATION.text());
            statement.setObject(3, before.atOffset(ZoneOffset.UTC));
            return readRevoked(statement);
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
                        RevocationReason.parse(rows.getString("revocation_reason"))
                                .orElse(RevocationReason.UNSPECIFIED),
                        rows.getObject("revoked", OffsetDateTime.class).toInstant()));
            }
        }
        return found;
    }
}
