package io.mooring.audit.core;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a key says of its object: the other direction of {@link TrailLayout}.
 *
 * @param trail of digests and what belongs to them; empty for others
 * @param time the end of the digest's period; when a log file was made, to the minute; {@link Instant#EPOCH} for others
 */
public record TrailKey(Kind kind, String prefix, String account, String region, String trail, Instant time) {
    /** What objects there are. */
    public enum Kind {
        LOG("CloudTrail", ".json.gz"),
        DIGEST("CloudTrail-Digest", ".json.gz"),
        SIGNATURE("Mooring-Signature", ".sig"),
        TIMESTAMP("Mooring-Timestamp", ".tsr"),
        PUBLIC_KEY("Mooring-Key", ".json");

        private final String folder;
        private final String ending;

        Kind(String folder, String ending) {
            this.folder = folder;
            this.ending = ending;
        }

        String folder() {
            return folder;
        }

        String ending() {
            return ending;
        }
    }

    private static final String ROOT =
            "(?<prefix>|.*/)AWSLogs/(?<account>[0-9]{12})/(?<folder>[A-Za-z-]+)/(?<region>[a-z0-9-]+)/";
    private static final Pattern LOG = Pattern.compile(
            ROOT
                    + "[0-9]{4}/[0-9]{2}/[0-9]{2}/\\k<account>_CloudTrail_\\k<region>_(?<at>[0-9]{8}T[0-9]{4})Z_[A-Za-z0-9]{16}\\.json\\.gz");
    private static final Pattern OF_DIGEST = Pattern.compile(ROOT
            + "(?<day>[0-9]{4}/[0-9]{2}/[0-9]{2})/\\k<account>_CloudTrail-Digest_\\k<region>_(?<trail>[A-Za-z0-9._-]+)_\\k<region>_"
            + "(?<end>[0-9]{8}T[0-9]{6}Z)(?<ending>\\.[a-z.]+)");
    private static final Pattern PUBLIC_KEY = Pattern.compile(ROOT + "[0-9a-f]{64}\\.json");
    private static final DateTimeFormatter SECOND = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'");

    /** Reads a key; empty if it is none of a trail's. */
    public static Optional<TrailKey> of(String key) {
        Matcher log = LOG.matcher(key);
        if (log.matches()) {
            return time(log.group("at") + "00Z").flatMap(at -> of(log, Kind.LOG, "", at));
        }
        Matcher publicKey = PUBLIC_KEY.matcher(key);
        if (publicKey.matches()) {
            return of(publicKey, Kind.PUBLIC_KEY, "", Instant.EPOCH);
        }
        Matcher digest = OF_DIGEST.matcher(key);
        if (!digest.matches()) {
            return Optional.empty();
        }
        for (Kind kind : new Kind[] {Kind.DIGEST, Kind.SIGNATURE, Kind.TIMESTAMP}) {
            if (kind.ending.equals(digest.group("ending")) && kind.folder.equals(digest.group("folder"))) {
                return time(digest.group("end"))
                        .filter(end -> digest.group("day")
                                .replace("/", "")
                                .equals(digest.group("end").substring(0, 8)))
                        .flatMap(end -> of(digest, kind, digest.group("trail"), end));
            }
        }
        return Optional.empty();
    }

    private static Optional<TrailKey> of(Matcher key, Kind kind, String trail, Instant time) {
        return kind.folder.equals(key.group("folder"))
                ? Optional.of(
                        new TrailKey(kind, key.group("prefix"), key.group("account"), key.group("region"), trail, time))
                : Optional.empty();
    }

    private static Optional<Instant> time(String text) {
        try {
            return Optional.of(LocalDateTime.parse(text, SECOND).toInstant(ZoneOffset.UTC));
        } catch (DateTimeException noTime) {
            return Optional.empty();
        }
    }

    /** The layout it belongs to, of digests and what belongs to them. */
    public TrailLayout layout(String bucket) {
        return new TrailLayout(account, region, trail, bucket, prefix);
    }
}
