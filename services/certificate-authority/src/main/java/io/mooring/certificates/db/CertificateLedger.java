package io.mooring.certificates.db;

import io.mooring.certificates.core.IssuedCertificate;
import io.mooring.certificates.core.Purpose;
import io.mooring.certificates.core.Validity;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * The account of certificates that are being made: what is about to be signed, and what was. Entries
 * of calls that run at the same time share a transaction, a handful of statements and one flush to
 * the disk, however many they are.
 */
@ApplicationScoped
public class CertificateLedger {
    private final Outbox outbox;
    private final GroupCommit<Entry, Boolean> commits;

    CertificateLedger(Transactions transactions, Outbox outbox) {
        this.outbox = outbox;
        this.commits = new GroupCommit<>(transactions, this::write);
    }

    /** What is written. */
    private sealed interface Entry {}

    /**
     * What is about to be signed.
     *
     * @param authority by whom
     * @param prepared the exact bytes, DER
     * @param requestedBy the client that asked
     * @param at when
     */
    @SuppressWarnings("ArrayRecordComponent") // passed on, never compared
    public record Intent(
            String serial,
            UUID authority,
            Purpose purpose,
            Validity validity,
            byte[] prepared,
            String requestedBy,
            Instant at)
            implements Entry {}

    /**
     * What was signed.
     *
     * @param certificate DER
     * @param told what is told to the world if it is recorded
     */
    @SuppressWarnings("ArrayRecordComponent") // passed on, never compared
    public record Completion(IssuedCertificate issued, byte[] certificate, Instant at, List<Outbox.Outgoing> told)
            implements Entry {
        public Completion {
            told = List.copyOf(told);
        }
    }

    /** Records the intent to sign; false if the serial number is taken. Returns when it is durable. */
    public boolean intend(Intent intent) {
        return commits.submit(intent);
    }

    /**
     * Records that what was intended has been signed; false if the intent was given up meanwhile.
     * Returns when it is durable.
     */
    public boolean complete(Completion completion) {
        return commits.submit(completion);
    }

    private List<Boolean> write(Connection connection, List<Entry> entries) throws SQLException {
        List<Intent> intents = only(Intent.class, entries);
        List<Completion> completions = only(Completion.class, entries);
        Set<String> intended = intents.isEmpty() ? Set.of() : intend(connection, intents);
        Set<String> completed = completions.isEmpty() ? Set.of() : complete(connection, completions);
        List<Outbox.Outgoing> told = completions.stream()
                .filter(completion -> completed.contains(completion.issued().serial()))
                .flatMap(completion -> completion.told().stream())
                .toList();
        outbox.send(connection, told);
        return entries.stream()
                .map(entry -> switch (entry) {
                    case Intent intent -> intended.contains(intent.serial());
                    case Completion completion ->
                        completed.contains(completion.issued().serial());
                })
                .toList();
    }

    private static <T extends Entry> List<T> only(Class<T> kind, List<Entry> entries) {
        return entries.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    private static Set<String> intend(Connection connection, List<Intent> intents) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                insert into certificates.certificate
                  (serial, authority, purpose, cloud, subject, state, prepared, requested_by, not_before, not_after, intended)
                select serial, authority, purpose, cloud, subject, 'intended', prepared, requested_by, not_before,
                       not_after, intended
                from unnest(?::text[], ?::uuid[], ?::text[], ?::text[], ?::text[], ?::bytea[], ?::text[],
                            ?::timestamptz[], ?::timestamptz[], ?::timestamptz[])
                  as entry (serial, authority, purpose, cloud, subject, prepared, requested_by, not_before, not_after, intended)
                on conflict (serial) do nothing
                returning serial
                """)) {
            Columns<Intent> columns = new Columns<>(connection, statement, intents);
            columns.set("text", Intent::serial);
            columns.set("uuid", Intent::authority);
            columns.set("text", intent -> intent.purpose().kind());
            columns.set("text", intent -> intent.purpose().cloudOrEmpty());
            columns.set("text", intent -> intent.purpose().subject());
            columns.setBytes(Intent::prepared);
            columns.set("text", Intent::requestedBy);
            columns.set("text", intent -> intent.validity().notBefore());
            columns.set("text", intent -> intent.validity().notAfter());
            columns.set("text", Intent::at);
            return serials(statement);
        }
    }

    /**
     * What is neither issued nor revoked is intended. Asked like this, since for {@code state = 'intended'} the planner takes
     * the index of intents, in which all lie that were completed since it was last cleaned.
     */
    private static Set<String> complete(Connection connection, List<Completion> completions) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                update certificates.certificate as known
                set state = 'issued', prepared = null, certificate = entry.certificate,
                    fingerprint = entry.fingerprint, issued = entry.issued
                from unnest(?::text[], ?::bytea[], ?::text[], ?::timestamptz[])
                  as entry (serial, certificate, fingerprint, issued)
                where known.serial = entry.serial and known.certificate is null and known.revoked is null
                returning known.serial
                """)) {
            Columns<Completion> columns = new Columns<>(connection, statement, completions);
            columns.set("text", completion -> completion.issued().serial());
            columns.setBytes(Completion::certificate);
            columns.set("text", completion -> completion.issued().fingerprint());
            columns.set("text", Completion::at);
            return serials(statement);
        }
    }

    private static Set<String> serials(PreparedStatement statement) throws SQLException {
        Set<String> serials = new HashSet<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                serials.add(rows.getString(1));
            }
        }
        return serials;
    }
}
