package io.mooring.audit.core.verify;

import io.mooring.audit.core.Digest;
import io.mooring.audit.core.DigestHead;
import io.mooring.audit.core.Gzip;
import io.mooring.audit.core.LogFile;
import io.mooring.audit.core.Sha256;
import io.mooring.audit.core.Signed;
import io.mooring.audit.core.SigningKey;
import io.mooring.audit.core.TrailLayout;
import io.mooring.audit.core.TrailPublicKey;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A trail in memory: hourly digests, two log files each, and the key to make more. */
final class SampleTrail {
    static final TrailLayout LAYOUT = new TrailLayout("123456789012", "local-1", "main-trail", "trail-bucket", "");
    static final Instant START = Instant.parse("2026-09-01T10:00:00Z");
    static final SigningKey KEY = key();
    static final SigningKey OTHER_KEY = key();

    final TreeMap<String, byte[]> objects = new TreeMap<>();
    final List<Signed> digests = new ArrayList<>();
    private long number;

    private static SigningKey key() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            KeyPair pair = generator.generateKeyPair();
            return new SigningKey(TrailPublicKey.of((RSAPublicKey) pair.getPublic(), START, null), pair.getPrivate());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    static SampleTrail ofHours(int hours) {
        SampleTrail trail = new SampleTrail();
        for (int hour = 0; hour < hours; hour++) {
            Instant end = START.plusSeconds(3600L * hour);
            List<Digest.NamedLog> logs = new ArrayList<>();
            if (hour > 0) {
                logs.add(trail.log(end.minusSeconds(1800), "AAAAAAAAAAAAAAA" + hour, 3));
                logs.add(trail.log(end.minusSeconds(60), "BBBBBBBBBBBBBBB" + hour, 1));
            }
            trail.put(trail.next(end, logs));
        }
        return trail;
    }

    /** The digest that would follow now. */
    Signed next(Instant end, List<Digest.NamedLog> logs) {
        Signed before = digests.isEmpty() ? null : digests.getLast();
        Instant start = before == null ? end.minusSeconds(1) : before.digest().end();
        return signed(start, end, before == null ? null : before.asPrevious(), logs, KEY);
    }

    static Signed signed(
            Instant start,
            Instant end,
            Digest.@Nullable Previous previous,
            List<Digest.NamedLog> logs,
            SigningKey key) {
        return Signed.of(
                new Digest(
                        LAYOUT.account(),
                        start,
                        end,
                        LAYOUT.bucket(),
                        LAYOUT.digestKey(end),
                        key.open().fingerprint(),
                        previous,
                        logs),
                key);
    }

    void put(Signed signed) {
        digests.removeIf(known -> known.digest().object().equals(signed.digest().object()));
        digests.add(signed);
        objects.put(signed.digest().object(), Gzip.pack(signed.document()));
        objects.put(
                LAYOUT.signatureKey(signed.digest().end()),
                signed.head().signature().getBytes(StandardCharsets.US_ASCII));
    }

    /** Signs a digest again with other contents, and leaves its successors as they are. */
    void rewrite(int index, List<Digest.NamedLog> logs) {
        Digest old = digests.get(index).digest();
        Signed fresh = signed(old.start(), old.end(), old.previous(), logs, KEY);
        objects.put(old.object(), Gzip.pack(fresh.document()));
        objects.put(LAYOUT.signatureKey(old.end()), fresh.head().signature().getBytes(StandardCharsets.US_ASCII));
    }

    Digest.NamedLog log(Instant at, String chance, int records) {
        List<byte[]> lines = new ArrayList<>();
        for (int i = 0; i < records; i++) {
            lines.add(record(at.plusSeconds(i), ++number));
        }
        byte[] file = LogFile.of(lines);
        String object = LAYOUT.logKey(at, chance);
        objects.put(object, Gzip.pack(file));
        return new Digest.NamedLog(LAYOUT.bucket(), object, Sha256.hex(file), at.plusSeconds(records - 1), at);
    }

    static byte[] record(Instant at, long number) {
        return """
            {"eventVersion":"1.11","eventID":"%s","eventTime":"%s","eventName":"ClaimDevice",\
            "eventSource":"provisioning.mooring","userIdentity":{"type":"Operator","principalId":"kim"},\
            "additionalEventData":{"sequence":{"source":"/services/provisioning","epoch":"one","number":%d}}}\
            """.formatted(new UUID(7, number), at, number).getBytes(StandardCharsets.UTF_8);
    }

    void skipNumber() {
        number++;
    }

    void repeatNumber() {
        number--;
    }

    String digest(int index) {
        return digests.get(index).digest().object();
    }

    String signature(int index) {
        return LAYOUT.signatureKey(digests.get(index).digest().end());
    }

    String log(int digest, int index) {
        return digests.get(digest).digest().logFiles().get(index).object();
    }

    List<DigestHead> heads() {
        return digests.stream().map(Signed::head).toList();
    }

    Verdict verify(Question question) {
        return TrailVerifier.verify(question, objects.keySet(), objects::get);
    }

    static Question question(Expectation... expectations) {
        return new Question(List.of(KEY.open()), List.of(expectations), false, null, List.of());
    }
}
