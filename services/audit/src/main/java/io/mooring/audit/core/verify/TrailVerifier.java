package io.mooring.audit.core.verify;

import io.mooring.audit.core.Digest;
import io.mooring.audit.core.DigestHead;
import io.mooring.audit.core.Gzip;
import io.mooring.audit.core.Sha256;
import io.mooring.audit.core.TrailKey;
import io.mooring.audit.core.TrailLayout;
import io.mooring.audit.core.TrailPublicKey;
import io.mooring.audit.core.verify.Finding.Code;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Verifies a trail from its objects alone: walks the chain of digests from the oldest to the newest, each held against the one
 * before and against its log files, then looks at what the chain did not lead to. Reads every object once.
 */
public final class TrailVerifier {
    private static final int MOST_DIGEST_BYTES = 256 * 1024 * 1024;

    private final Question question;
    private final ObjectReader objects;
    private final List<Finding> findings = new ArrayList<>();
    private final Map<String, TrailPublicKey> keys = new HashMap<>();
    private final LogFiles logs;
    private final Map<String, DigestHead> seen = new HashMap<>();

    /** Reads objects. */
    @FunctionalInterface
    public interface ObjectReader {
        /** An object's bytes; null if there is none of that key. */
        byte @Nullable [] read(String key);
    }

    /** A digest as it was found, with what its successor must say of it. */
    private record Link(Digest digest, String sha256, String signature) {}

    private TrailVerifier(Question question, ObjectReader objects) {
        this.question = question;
        this.objects = objects;
        question.keys().forEach(key -> keys.put(key.fingerprint(), key));
        this.logs = new LogFiles(objects, this::found);
    }

    /**
     * Verifies a trail.
     *
     * @param present the keys of all objects that there are
     */
    public static Verdict verify(Question question, Collection<String> present, ObjectReader objects) {
        return new TrailVerifier(question, objects).verify(new TreeSet<>(present));
    }

    private Verdict verify(TreeSet<String> present) {
        TreeMap<Instant, String> digests = sort(present);
        if (digests.isEmpty()) {
            found(Code.NO_DIGESTS, "the trail", "there is no digest: nothing vouches for anything");
        }
        Timestamps timestamps = new Timestamps(question.stamps(), objects, this::found);
        Link before = null;
        boolean first = true;
        for (String object : digests.values()) {
            Link link = open(object);
            if (link != null) {
                if (before != null) {
                    follows(before, link.digest());
                } else {
                    begins(link.digest(), first);
                }
                logs.verify(link.digest());
                timestamps.verify(link.digest(), link.signature());
                before = link;
            }
            first = false;
        }
        logs.findStrays(present, before == null ? Instant.MIN : before.digest().end());
        findOrphans(present);
        question.expectations().forEach(this::hold);
        reaches(before == null ? null : before.digest().end());
        logs.findHoles(!question.partial());
        return new Verdict(
                digests.size(),
                logs.good(),
                logs.records(),
                logs.unnumbered(),
                logs.pending(),
                timestamps.good(),
                Optional.ofNullable(before).map(link -> seen.get(link.digest().object())),
                findings);
    }

    private void found(Code code, String place, String detail) {
        findings.add(new Finding(code, place, detail));
    }

    /** The digests by their ends; what is no object of this one trail is a finding. */
    private TreeMap<Instant, String> sort(TreeSet<String> present) {
        TreeMap<Instant, String> digests = new TreeMap<>();
        String trail = null;
        for (String object : present) {
            Optional<TrailKey> key = TrailKey.of(object);
            if (key.isEmpty()) {
                found(Code.OBJECT_STRAY, object, "is no object of a trail");
                continue;
            }
            if (key.get().kind() != TrailKey.Kind.DIGEST) {
                continue;
            }
            String belongs = key.get().prefix()
                    + key.get().account()
                    + key.get().region()
                    + key.get().trail();
            if (trail != null && !trail.equals(belongs)) {
                found(Code.OBJECT_STRAY, object, "belongs to another trail than the digests before it");
                continue;
            }
            trail = belongs;
            digests.put(key.get().time(), object);
        }
        return digests;
    }

    /** A digest, if it can be read; with the findings about itself alone. */
    private @Nullable Link open(String object) {
        byte[] document;
        Digest digest;
        try {
            byte[] packed = objects.read(object);
            if (packed == null) {
                found(Code.DIGEST_MISSING, object, "was there, and is no more");
                return null;
            }
            document = Gzip.unpack(packed, MOST_DIGEST_BYTES);
            digest = Digest.of(document);
        } catch (IOException unreadable) {
            found(Code.DIGEST_UNREADABLE, object, String.valueOf(unreadable.getMessage()));
            return null;
        }
        if (!digest.object().equals(object)
                || TrailKey.of(object)
                        .filter(key -> key.time().equals(digest.end()))
                        .isEmpty()) {
            found(Code.DIGEST_MISPLACED, object, "says that it is " + digest.object() + ", ending " + digest.end());
            return null;
        }
        String signature = signature(digest);
        if (signature != null) {
            verifySignature(digest, document, signature);
        }
        String sha256 = Sha256.hex(document);
        String known = signature == null ? "" : signature;
        seen.put(object, new DigestHead(object, digest.end(), sha256, known, digest.fingerprint()));
        return new Link(digest, sha256, known);
    }

    private @Nullable String signature(Digest digest) {
        TrailLayout layout = TrailKey.of(digest.object()).orElseThrow().layout(digest.bucket());
        byte[] signature = objects.read(layout.signatureKey(digest.end()));
        if (signature == null) {
            found(Code.SIGNATURE_MISSING, digest.object(), "has no signature");
            return null;
        }
        return new String(signature, StandardCharsets.US_ASCII).strip();
    }

    private void verifySignature(Digest digest, byte[] document, String signature) {
        TrailPublicKey key = keys.get(digest.fingerprint());
        if (key == null) {
            found(Code.KEY_UNKNOWN, digest.object(), "is signed with the key " + digest.fingerprint());
            return;
        }
        if (!key.verifies(digest.signedText(document), signature)) {
            found(Code.SIGNATURE_WRONG, digest.object(), "is not signed by the key that it names, or was changed");
        }
        // To the second, as digests are.
        boolean early = digest.end().isBefore(key.from());
        boolean late = key.until() != null && digest.end().isAfter(key.until().plusSeconds(1));
        if (early || late) {
            found(Code.KEY_OUT_OF_TIME, digest.object(), "is signed with a key that signed at other times");
        }
    }

    /** The first that can be read: the beginning of all, unless something was before. */
    private void begins(Digest digest, boolean first) {
        Digest.Previous previous = digest.previous();
        if (previous == null) {
            if (!first) {
                found(Code.DIGEST_SKIPPED, digest.object(), "says that it is the first, and is not");
            }
        } else if (objects.read(previous.object()) == null && !question.partial()) {
            found(Code.DIGEST_MISSING, previous.object(), "is named by " + digest.object() + ", and is not there");
        }
    }

    private void follows(Link before, Digest digest) {
        Digest.Previous previous = digest.previous();
        String expected = before.digest().object();
        if (previous == null || !previous.object().equals(expected)) {
            found(Code.DIGEST_SKIPPED, expected, "is passed over by " + digest.object());
            if (previous != null && !seen.containsKey(previous.object()) && objects.read(previous.object()) == null) {
                found(Code.DIGEST_MISSING, previous.object(), "is named by " + digest.object() + ", and is not there");
            }
        } else {
            if (!previous.bucket().equals(before.digest().bucket())) {
                found(Code.DIGEST_MISPLACED, expected, "lies in another bucket than " + digest.object() + " says");
            }
            if (!previous.sha256().equals(before.sha256())) {
                found(
                        Code.PREVIOUS_HASH_WRONG,
                        expected,
                        "is another than the one whose hash is in " + digest.object());
            }
            if (!before.signature().isEmpty() && !previous.signature().equals(before.signature())) {
                found(
                        Code.PREVIOUS_SIGNATURE_WRONG,
                        expected,
                        "bears another signature than the one that is in " + digest.object());
            }
        }
        Instant end = before.digest().end();
        if (digest.start().isAfter(end)) {
            found(Code.PERIOD_GAP, digest.object(), "begins at " + digest.start() + ", the one before ends at " + end);
        } else if (digest.start().isBefore(end) || !digest.start().isBefore(digest.end())) {
            found(
                    Code.PERIOD_OVERLAP,
                    digest.object(),
                    "begins at " + digest.start() + ", the one before ends at " + end);
        }
    }

    /** Signatures and time stamps whose digest was taken away. */
    private void findOrphans(TreeSet<String> present) {
        for (String object : present) {
            TrailKey key = TrailKey.of(object).orElse(null);
            if (key != null && (key.kind() == TrailKey.Kind.SIGNATURE || key.kind() == TrailKey.Kind.TIMESTAMP)) {
                String digest = key.layout("any").digestKey(key.time());
                if (!present.contains(digest)) {
                    found(Code.SIGNATURE_STRAY, object, "belongs to a digest that is not there");
                }
            }
        }
    }

    /** Holds the trail against what another place knows of it. */
    private void hold(Expectation expectation) {
        TreeSet<String> known = new TreeSet<>();
        for (DigestHead head : expectation.heads()) {
            known.add(head.object());
            DigestHead own = seen.get(head.object());
            if (own == null) {
                found(Code.DIGEST_MISSING, head.object(), "is known to " + expectation.place() + ", and is not here");
            } else if (!own.sha256().equals(head.sha256()) || !own.signature().equals(head.signature())) {
                found(Code.HEAD_DIFFERS, head.object(), "is another than the one known to " + expectation.place());
            }
        }
        if (expectation.complete()) {
            for (String object : new TreeSet<>(seen.keySet())) {
                if (!known.contains(object)) {
                    found(
                            Code.HEAD_BEHIND,
                            object,
                            "is not known to " + expectation.place()
                                    + ": that was set back to an older state, or the digest is not ours");
                }
            }
        }
    }

    private void reaches(@Nullable Instant end) {
        Instant until = question.until();
        if (until != null && (end == null || end.isBefore(until))) {
            found(
                    Code.TRAIL_ENDS_EARLY,
                    "the trail",
                    "ends " + (end == null ? "before it begins" : "at " + end) + " and should reach " + until);
        }
    }
}
