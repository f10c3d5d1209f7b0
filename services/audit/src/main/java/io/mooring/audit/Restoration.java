package io.mooring.audit;

import io.mooring.audit.core.Digest;
import io.mooring.audit.core.DigestHead;
import io.mooring.audit.core.Gzip;
import io.mooring.audit.core.Json;
import io.mooring.audit.core.LogFile;
import io.mooring.audit.core.Sha256;
import io.mooring.audit.core.TrailKey;
import io.mooring.audit.core.TrailLayout;
import io.mooring.audit.core.TrailPublicKey;
import io.mooring.audit.core.TrailRecord;
import io.mooring.audit.db.ArchiveStore;
import io.mooring.audit.db.ArchiveStore.DigestRow;
import io.mooring.audit.db.EventStore.Taken;
import io.mooring.audit.db.IncidentStore;
import io.mooring.audit.db.KeyStore;
import io.mooring.audit.db.RestorationStore;
import io.mooring.audit.kafka.HeadTopic;
import io.mooring.audit.kafka.HeadTopic.Announced;
import io.mooring.audit.store.ObjectStore;
import io.mooring.chassis.TopicNames;
import io.mooring.chassis.db.Database;
import io.mooring.chassis.kafka.KafkaSettings;
import io.mooring.contracts.audit.AuditCaller;
import io.mooring.contracts.audit.AuditRecord;
import io.mooring.contracts.kafka.Topic;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a database that was set back to an older state: the store has digests that it does not know of. Those that
 * are ours (signed with a key of ours, or one that Kafka knows that digest with) and continue the chain are taken over, with
 * their records, and the trail says that this was so. The others stay where they are, and are said to be there.
 */
@Singleton
public class Restoration {
    private static final Logger LOG = Logger.getLogger(Restoration.class);
    private static final int MOST_UNPACKED = 256 * 1024 * 1024;
    private static final int MOST_LISTED = 100_000;

    private final Database database;
    private final ObjectStore store;
    private final TrailLayout layout;
    private final OwnTrail trail;
    private final AuditMetrics metrics;
    private final KafkaSettings kafka;
    private final String digests;
    private final Clock clock = Clock.systemUTC();

    /** A digest that is to be taken over. */
    private record Found(Digest digest, byte[] document, DigestHead head, TrailPublicKey key) {}

    /** Strange digests that were spoken of already. */
    private final Set<String> strange = new HashSet<>();

    public Restoration(
            Database database,
            ObjectStore store,
            TrailLayout layout,
            OwnTrail trail,
            AuditMetrics metrics,
            TopicNames topics,
            KafkaSettings kafka) {
        this.database = database;
        this.store = store;
        this.layout = layout;
        this.trail = trail;
        this.metrics = metrics;
        this.kafka = kafka;
        this.digests = topics.of(Topic.AUDIT_DIGEST);
    }

    /** Takes over what the store has and the database does not know of; whether there was anything. */
    boolean adopt() throws SQLException, IOException {
        Optional<DigestRow> last = database.read(ArchiveStore::lastDigest);
        String after = last.map(row -> row.head().object()).orElse("");
        List<String> unknown = store.list(layout.folder(TrailKey.Kind.DIGEST), after, MOST_LISTED).stream()
                .filter(object -> TrailKey.of(object)
                        .filter(key -> key.trail().equals(layout.trail()))
                        .isPresent())
                .filter(object -> !strange.contains(object))
                .toList();
        if (unknown.isEmpty()) {
            return false;
        }
        Map<String, Announced> announced = HeadTopic.read(kafka, digests);
        List<DigestHead> adopted = new ArrayList<>();
        DigestHead head = last.map(DigestRow::head).orElse(null);
        for (String object : unknown) {
            Optional<Found> found = ours(object, head, announced.get(object));
            if (found.isPresent()) {
                adopt(found.get());
                head = found.get().head();
                adopted.add(head);
            } else {
                strange(object);
            }
        }
        finish();
        if (!adopted.isEmpty()) {
            tell(last, adopted);
        }
        return !adopted.isEmpty();
    }

    /** Gives records that waited for a restoration their places again; after a crash too. */
    void finish() throws SQLException {
        database.run(RestorationStore::unpark);
    }

    /** A digest of the store, if it is ours and continues the trail. */
    private Optional<Found> ours(String object, @Nullable DigestHead before, @Nullable Announced announced)
            throws SQLException, IOException {
        byte[] document;
        Digest digest;
        try {
            document = Gzip.unpack(store.get(object).orElseThrow(), MOST_UNPACKED);
            digest = Digest.of(document);
        } catch (IOException unreadable) {
            LOG.errorf("%s %s", object, unreadable.getMessage());
            return Optional.empty();
        }
        String signature = store.get(layout.signatureKey(digest.end()))
                .map(bytes -> new String(bytes, StandardCharsets.US_ASCII).strip())
                .orElse("");
        DigestHead head = new DigestHead(object, digest.end(), Sha256.hex(document), signature, digest.fingerprint());
        return digest.object().equals(object) && continues(before, digest)
                ? key(head, announced)
                        .filter(key -> key.verifies(digest.signedText(document), signature))
                        .map(key -> new Found(digest, document, head, key))
                : Optional.empty();
    }

    private void adopt(Found found) throws SQLException, IOException {
        Digest digest = found.digest();
        Map<Digest.NamedLog, List<Taken>> files = read(digest);
        Instant now = clock.instant();
        database.run(connection -> {
            RestorationStore.park(connection);
            KeyStore.adopt(connection, ended(found.key(), digest.end()));
            List<Long> ids = new ArrayList<>();
            for (Digest.NamedLog log : digest.logFiles()) {
                ids.add(RestorationStore.adopt(connection, log, files.getOrDefault(log, List.of()), now));
            }
            ArchiveStore.add(connection, digest, found.head(), found.document(), ids, true);
        });
    }

    /** A key that came with the store signs no more: its private half went with the newer database. */
    private static TrailPublicKey ended(TrailPublicKey key, Instant end) {
        return new TrailPublicKey(key.value(), key.fingerprint(), key.from(), end);
    }

    private static boolean continues(@Nullable DigestHead before, Digest digest) {
        Digest.Previous previous = digest.previous();
        return before == null
                ? previous == null
                : previous != null
                        && previous.object().equals(before.object())
                        && previous.sha256().equals(before.sha256())
                        && previous.signature().equals(before.signature());
    }

    private Optional<TrailPublicKey> key(DigestHead head, @Nullable Announced announced) throws SQLException {
        Map<String, TrailPublicKey> own = new HashMap<>();
        database.read(KeyStore::all).forEach(row -> own.put(row.open().fingerprint(), row.open()));
        if (own.containsKey(head.fingerprint())) {
            return Optional.of(own.get(head.fingerprint()));
        }
        return announced != null && announced.head().equals(head) ? Optional.of(announced.key()) : Optional.empty();
    }

    /** The records of the digest's log files; one that is not as it was signed is left out, and is for verification to find. */
    private Map<Digest.NamedLog, List<Taken>> read(Digest digest) throws IOException {
        Map<Digest.NamedLog, List<Taken>> files = new HashMap<>();
        for (Digest.NamedLog log : digest.logFiles()) {
            Optional<byte[]> packed = store.get(log.object());
            try {
                byte[] file = packed.isPresent() ? Gzip.unpack(packed.get(), MOST_UNPACKED) : new byte[0];
                if (Sha256.hex(file).equals(log.sha256())) {
                    List<Taken> taken = new ArrayList<>();
                    for (TrailRecord record : LogFile.records(file)) {
                        taken.add(new Taken(record, Json.write(record.json())));
                    }
                    files.put(log, taken);
                }
            } catch (IOException unreadable) {
                LOG.errorf("%s %s", log.object(), unreadable.getMessage());
            }
        }
        return files;
    }

    private void strange(String object) throws SQLException {
        strange.add(object);
        LOG.errorf("%s is not ours, or does not continue the trail; it is left out", object);
        metrics.incident("strange-digest");
        database.run(connection -> IncidentStore.add(
                connection, "strange-digest", object + " is not ours, or does not continue the trail"));
    }

    private void tell(Optional<DigestRow> last, List<DigestHead> adopted) throws SQLException, IOException {
        String from = last.map(row -> row.head().object()).orElse("nothing");
        String to = adopted.getLast().object();
        LOG.warnf(
                "the database was set back: it knew of %s, the store of %s; %d digests were taken over",
                from, to, adopted.size());
        metrics.incident("database-restored");
        database.run(connection -> IncidentStore.add(
                connection,
                "database-restored",
                "the database knew of " + from + ", the store of " + to + "; " + adopted.size()
                        + " digests were taken over"));
        trail.tell(AuditRecord.done(
                        "RestoreDatabase",
                        new AuditCaller("Service", "audit", "", "", ""),
                        Map.of("knew", from, "found", to),
                        Map.of("digests", adopted.size()),
                        clock.instant())
                .as(AuditRecord.Kind.SERVICE_EVENT, AuditRecord.Category.MANAGEMENT));
    }
}
