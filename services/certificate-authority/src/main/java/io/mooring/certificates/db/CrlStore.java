package io.mooring.certificates.db;

import io.mooring.certificates.core.CrlState;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** The lists of revoked certificates as last made, and what was revoked since. */
@ApplicationScoped
public class CrlStore {
    /**
     * A list.
     *
     * @param number of this list among the authority's
     * @param der the list, signed
     */
    @SuppressWarnings("ArrayRecordComponent") // passed on, never compared
    public record Crl(long number, Instant thisUpdate, Instant nextUpdate, byte[] der) {}

    /** How the lists of all authorities stand. */
    public Map<UUID, CrlState> states(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                        "select authority, number, scheduled, revocations, listed from certificates.crl");
                ResultSet rows = statement.executeQuery()) {
            Map<UUID, CrlState> states = new HashMap<>();
            while (rows.next()) {
                states.put(
                        rows.getObject("authority", UUID.class),
                        new CrlState(
                                rows.getLong("number"),
                                rows.getObject("scheduled", OffsetDateTime.class)
                                        .toInstant(),
                                rows.getLong("revocations"),
                                rows.getLong("listed")));
            }
            return states;
        }
    }

    /** The number of an authority's list; empty if there is none. Cheap: tells whether a list held is the last. */
    public Optional<Long> findNumber(Connection connection, UUID authority) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("select number from certificates.crl where authority = ? and number > 0")) {
            statement.setObject(1, authority);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? Optional.of(rows.getLong(1)) : Optional.empty();
            }
        }
    }

    /** An authority's list; empty if there is none. */
    public Optional<Crl> find(Connection connection, UUID authority) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                select number, this_update, next_update, der from certificates.crl where authority = ? and number > 0
                """)) {
            statement.setObject(1, authority);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next()
                        ? Optional.of(new Crl(
                                rows.getLong("number"),
                                rows.getObject("this_update", OffsetDateTime.class)
                                        .toInstant(),
                                rows.getObject("next_update", OffsetDateTime.class)
                                        .toInstant(),
                                rows.getBytes("der")))
                        : Optional.empty();
            }
        }
    }

    /**
     * Puts a list in the place of the one before.
     *
     * @param before how things stood when it was made
     * @param scheduled whether it was made by schedule
     * @return false if somebody else has put another there meanwhile
     */
    public boolean replace(Connection connection, UUID authority, CrlState before, Crl crl, boolean scheduled)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                update certificates.crl
                set number = ?, listed = ?, scheduled = case when ? then ? else scheduled end,
                    this_update = ?, next_update = ?, der = ?
                where authority = ? and number = ?
                """)) {
            statement.setLong(1, crl.number());
            statement.setLong(2, before.revocations());
            statement.setBoolean(3, scheduled);
            statement.setObject(4, crl.thisUpdate().atOffset(ZoneOffset.UTC));
            statement.setObject(5, crl.thisUpdate().atOffset(ZoneOffset.UTC));
            statement.setObject(6, crl.nextUpdate().atOffset(ZoneOffset.UTC));
            statement.setBytes(7, crl.der());
            statement.setObject(8, authority);
            statement.setLong(9, before.number());
            return statement.executeUpdate() == 1;
        }
    }
}
