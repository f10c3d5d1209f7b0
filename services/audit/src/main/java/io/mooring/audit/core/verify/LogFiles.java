package io.mooring.audit.core.verify;

import io.mooring.audit.core.Digest;
import io.mooring.audit.core.Gzip;
import io.mooring.audit.core.LogFile;
import io.mooring.audit.core.Sha256;
import io.mooring.audit.core.SourceNumbers;
import io.mooring.audit.core.TrailKey;
import io.mooring.audit.core.TrailRecord;
import io.mooring.audit.core.verify.Finding.Code;
import java.io.IOException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The log files that digests name: each as it was named, its sources' numbers without a hole, and none that nobody names. */
final class LogFiles {
    private static final int MOST_BYTES = 256 * 1024 * 1024;

    private final TrailVerifier.ObjectReader objects;
    private final Findings findings;
    private final Set<String> named = new HashSet<>();
    private final SourceNumbers numbers = new SourceNumbers();
    private int good;
    private long records;
    private long unnumbered;
    private int pending;

    /** Where findings go. */
    @FunctionalInterface
    interface Findings {
        void found(Code code, String place, String detail);
    }

    LogFiles(TrailVerifier.ObjectReader objects, Findings findings) {
        this.objects = objects;
        this.findings = findings;
    }

    /** Verifies the log files of a digest. */
    void verify(Digest digest) {
        for (Digest.NamedLog log : digest.logFiles()) {
            if (!named.add(log.object())) {
                findings.found(Code.LOG_NAMED_TWICE, log.object(), "is named once more by " + digest.object());
            } else {
                verify(log, digest);
            }
        }
    }

    private void verify(Digest.NamedLog log, Digest digest) {
        byte[] packed = objects.read(log.object());
        if (packed == null || !log.bucket().equals(digest.bucket())) {
            findings.found(Code.LOG_MISSING, log.object(), "is named by " + digest.object() + ", and is not there");
            return;
        }
        try {
            byte[] file = Gzip.unpack(packed, MOST_BYTES);
            if (!Sha256.hex(file).equals(log.sha256())) {
                findings.found(
                        Code.LOG_CHANGED, log.object(), "is another than the one that " + digest.object() + " names");
                return;
            }
            read(log, LogFile.records(file));
        } catch (IOException unreadable) {
            findings.found(Code.LOG_UNREADABLE, log.object(), String.valueOf(unreadable.getMessage()));
        }
    }

    private void read(Digest.NamedLog log, List<TrailRecord> file) {
        Instant newest = Instant.MIN;
        Instant oldest = Instant.MAX;
        for (TrailRecord record : file) {
            newest = record.at().isAfter(newest) ? record.at() : newest;
            oldest = record.at().isBefore(oldest) ? record.at() : oldest;
            records++;
            if (record.position() == null) {
                unnumbered++;
            } else if (!numbers.add(record.position())) {
                findings.found(
                        Code.NUMBER_TWICE,
                        record.position().source(),
                        "has the number " + record.position().number() + " of its count "
                                + record.position().epoch() + " once more, of the record " + record.id() + " in "
                                + log.object());
            }
        }
        if (!newest.equals(log.newest()) || !oldest.equals(log.oldest())) {
            findings.found(Code.LOG_TIMES_WRONG, log.object(), "holds records of other times than its digest says");
        } else {
            good++;
        }
    }

    /**
     * Finds log files that no digest names.
     *
     * @param end of the last digest: those since are still to be named
     */
    void findStrays(Collection<String> present, Instant end) {
        for (String object : present) {
            TrailKey key = TrailKey.of(object).orElse(null);
            if (key == null || key.kind() != TrailKey.Kind.LOG || named.contains(object)) {
                continue;
            }
            // Keys say minutes.
            if (key.time().plusSeconds(59).isBefore(end)) {
                findings.found(Code.LOG_STRAY, object, "is named by no digest");
            } else {
                pending++;
            }
        }
    }

    /** Finds numbers that are missing. */
    void findHoles(boolean fromFirst) {
        numbers.holes(fromFirst).forEach((count, missing) -> {
            if (!missing.isEmpty()) {
                String which = missing.stream()
                        .limit(10)
                        .map(SourceNumbers.Range::toString)
                        .collect(Collectors.joining(", "));
                findings.found(
                        Code.NUMBER_MISSING,
                        count.source(),
                        "lacks " + which + (missing.size() > 10 ? ", …" : "") + " of its count " + count.epoch());
            }
        });
    }

    int good() {
        return good;
    }

    long records() {
        return records;
    }

    long unnumbered() {
        return unnumbered;
    }

    int pending() {
        return pending;
    }
}
