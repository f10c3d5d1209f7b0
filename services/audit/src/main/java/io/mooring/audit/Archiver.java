package io.mooring.audit;

import io.mooring.audit.core.Digest;
import io.mooring.audit.core.DigestHead;
import io.mooring.audit.core.DigestSchedule;
import io.mooring.audit.core.Gzip;
import io.mooring.audit.core.Json;
import io.mooring.audit.core.LogFile;
import io.mooring.audit.core.Sha256;
import io.mooring.audit.core.Signed;
import io.mooring.audit.core.SigningKey;
import io.mooring.audit.core.TrailLayout;
import io.mooring.audit.core.TrailPublicKey;
import io.mooring.audit.db.ArchiveStore;
import io.mooring.audit.db.ArchiveStore.DigestRow;
import io.mooring.audit.db.ArchiveStore.PlannedFile;
import io.mooring.audit.db.ArchiveStore.StoredFile;
import io.mooring.audit.db.EventStore;
import io.mooring.audit.db.IncidentStore;
import io.mooring.audit.kafka.RecordProducer;
import io.mooring.audit.store.ObjectStore;
import io.mooring.chassis.db.Database;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

/**
 * Writes records to log files, and digests over those. Whatever is to be written is planned in the database first, under its
 * name and from rows that stay; so after a kill at any instant the same bytes are written under the same name once more, and
 * nothing twice. One step at a time, each of which finds out anew where things stand.
 */
@Singleton
public class Archiver {
    private static final int MOST_UNPACKED = 256 * 1024 * 1024;
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private static final int CHANCE_LENGTH = 16;

    private final Database database;
    private final ObjectStore store;
    private final TrailLayout layout;
    private final SigningKeys keys;
    private final RecordProducer producer;
    private final Restoration restoration;
    private final AuditMetrics metrics;
    private final AuditConfig config;
    private final DigestSchedule schedule;
    private final SecureRandom random = new SecureRandom();
    private final Clock clock = Clock.systemUTC();

    public Archiver(
            Database database,
            ObjectStore store,
            TrailLayout layout,
            SigningKeys keys,
            RecordProducer producer,
            Restoration restoration,
            AuditMetrics metrics,
            AuditConfig config) {
        this.database = database;
        this.store = store;
        this.layout = layout;
        this.keys = keys;
        this.producer = producer;
        this.restoration = restoration;
        this.metrics = metrics;
        this.config = config;
        this.schedule = new DigestSchedule(config.digestEvery());
    }

    /** Does the next thing that is to be done; false if there is nothing now. */
    boolean step() throws SQLException, IOException, ExecutionException, InterruptedException {
        Optional<PlannedFile> planned = database.read(ArchiveStore::plannedFile);
        if (planned.isPresent()) {
            write(planned.get());
            return true;
        }
        Optional<DigestRow> last = database.read(ArchiveStore::lastDigest);
        if (last.isPresent() && !last.get().announced()) {
            write(last.get());
            return true;
        }
        Instant now = clock.instant();
        Optional<Instant> due = due(last.map(row -> row.head().end()), now);
        if (planFile(due, now)) {
            return true;
        }
        if (due.isPresent()) {
            // What the store has and the database does not know of would be passed over by this digest.
            if (!restoration.adopt()) {
                planDigest(last, due.get());
            }
            return true;
        }
        return false;
    }

    /** The end of the digest that is due: by the clock, or now, so that a key that is to go signs nothing more. */
    private Optional<Instant> due(Optional<Instant> lastEnd, Instant now) throws SQLException {
        Optional<Instant> scheduled = schedule.due(lastEnd, now);
        if (scheduled.isPresent() || !keys.isRotating()) {
            return scheduled;
        }
        Instant second = now.truncatedTo(ChronoUnit.SECONDS);
        return lastEnd.filter(second::isAfter).map(end -> second);
    }

    /**
     * Plans the next log file: if there is enough for one, or if a record has waited long enough. Of a digest that is due, those
     * alone whose records were taken before its end: after an interruption each goes to the digest of its time.
     */
    private boolean planFile(Optional<Instant> digestDue, Instant now) throws SQLException {
        long archived = database.read(ArchiveStore::archived);
        Optional<Instant> since = database.read(connection -> EventStore.waitingSince(connection, archived));
        if (since.isEmpty()) {
            return false;
        }
        boolean wanted = digestDue.isPresent()
                ? since.get().isBefore(digestDue.get())
                : !since.get().isAfter(now.minus(config.fileEvery()))
                        || database.read(ArchiveStore::waiting)
                                >= config.limits().fileRecords();
        if (!wanted) {
            return false;
        }
        String object = layout.logKey(now, chance());
        database.run(connection -> {
            EventStore.Places places = EventStore.next(
                    connection,
                    archived,
                    digestDue.orElse(Instant.MAX),
                    config.limits().fileRecords(),
                    config.limits().fileBytes());
            ArchiveStore.plan(connection, object, places.first(), places.last());
        });
        return true;
    }

    private String chance() {
        StringBuilder chance = new StringBuilder(CHANCE_LENGTH);
        for (int i = 0; i < CHANCE_LENGTH; i++) {
            chance.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return chance.toString();
    }

    private void write(PlannedFile planned) throws SQLException, IOException {
        EventStore.Stretch stretch =
                database.read(connection -> EventStore.read(connection, planned.first(), planned.last()));
        byte[] file = LogFile.of(stretch.records());
        put(planned.object(), planned.object(), Gzip.pack(file), Map.of());
        database.run(connection ->
                ArchiveStore.stored(connection, planned.id(), Sha256.hex(file), stretch.oldest(), stretch.newest()));
        metrics.archived(stretch.records().size());
    }

    private void planDigest(Optional<DigestRow> last, Instant due) throws SQLException, IOException {
        Instant end = isTaken(due) ? clock.instant().truncatedTo(ChronoUnit.SECONDS) : due;
        SigningKey key = keys.at(end);
        store.put(
                layout.publicKeyKey(key.open().fingerprint()),
                Json.write(key.open().toJson()),
                Map.of());
        List<StoredFile> files = database.read(connection -> ArchiveStore.unnamed(connection, layout.bucket()));
        Digest digest = new Digest(
                layout.account(),
                last.map(row -> row.head().end()).orElse(end.minusSeconds(1)),
                end,
                layout.bucket(),
                layout.digestKey(end),
                key.open().fingerprint(),
                last.map(row -> new Digest.Previous(
                                layout.bucket(),
                                row.head().object(),
                                row.head().sha256(),
                                row.head().signature()))
                        .orElse(null),
                files.stream().map(StoredFile::log).toList());
        Signed signed = Signed.of(digest, key);
        database.run(connection -> ArchiveStore.add(
                connection,
                digest,
                signed.head(),
                signed.document(),
                files.stream().map(StoredFile::id).toList(),
                false));
    }

    /** Somebody else has put something where the digest of this end should lie. */
    private boolean isTaken(Instant end) throws IOException {
        return store.get(layout.digestKey(end)).isPresent()
                || store.get(layout.signatureKey(end)).isPresent();
    }

    private void write(DigestRow row) throws SQLException, IOException, ExecutionException, InterruptedException {
        DigestHead head = row.head();
        if (!row.stored()) {
            byte[] signature = head.signature().getBytes(StandardCharsets.US_ASCII);
            // Before its digest: whoever finds a digest finds its signature.
            put(head.object(), layout.signatureKey(head.end()), signature, Map.of());
            put(
                    head.object(),
                    head.object(),
                    Gzip.pack(row.document()),
                    Map.of("signature", head.signature(), "signature-algorithm", Digest.SIGNATURE_ALGORITHM));
            database.run(connection -> ArchiveStore.stored(connection, row.id()));
        }
        TrailPublicKey key = keys.open().stream()
                .filter(known -> known.fingerprint().equals(head.fingerprint()))
                .findFirst()
                .orElseThrow();
        producer.announce(head, key);
        database.run(connection -> ArchiveStore.announced(connection, row.id()));
        metrics.digest(head.end());
    }

    /** Writes an object; one that is there already must be the same, or what was planned is planned anew. */
    private void put(String planned, String object, byte[] bytes, Map<String, String> metadata)
            throws IOException, SQLException {
        if (store.put(object, bytes, metadata)) {
            return;
        }
        byte[] there = store.get(object).orElseThrow(() -> new IOException(object + " is there, and is not"));
        if (!Arrays.equals(there, bytes) && !isSameUnpacked(there, bytes)) {
            metrics.incident("object-taken");
            database.run(connection -> {
                IncidentStore.add(connection, "object-taken", object + " is there already, and is another");
                ArchiveStore.unplan(connection, planned);
            });
            throw new IOException(object + " is there already, and is another; it is written under another name");
        }
    }

    /** Another release of the JDK may pack otherwise. */
    private static boolean isSameUnpacked(byte[] one, byte[] other) {
        try {
            return Arrays.equals(Gzip.unpack(one, MOST_UNPACKED), Gzip.unpack(other, MOST_UNPACKED));
        } catch (IOException unreadable) {
            return false;
        }
    }
}
