package io.mooring.audit.core;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.regex.Pattern;

/**
 * Where a trail's objects lie. Log files and digests have the keys of AWS CloudTrail (user guide, "CloudTrail log file name
 * format" and "digest file"); what CloudTrail has no place for lies beside them, where its readers do not look.
 *
 * @param account twelve digits
 * @param region where the cloud runs: a host label
 * @param trail the trail's name
 * @param bucket the bucket's name, which digests name and which is signed, also where the store is a folder
 * @param prefix before {@code AWSLogs}: empty, or ending with a slash
 */
public record TrailLayout(String account, String region, String trail, String bucket, String prefix) {
    private static final Pattern ACCOUNT = Pattern.compile("[0-9]{12}");
    private static final Pattern REGION = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final Pattern TRAIL = Pattern.compile("[A-Za-z0-9._-]{3,128}");
    private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
    private static final Pattern PREFIX = Pattern.compile("|[A-Za-z0-9!_.*'()/-]{1,200}/");

    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("yyyy/MM/dd").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter MINUTE =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmm'Z'").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter SECOND =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    public TrailLayout {
        require(ACCOUNT, account, "an account is 12 digits");
        require(REGION, region, "a region is a host label, such as local-1");
        require(TRAIL, trail, "a trail's name is 3 to 128 letters, digits, . _ -");
        require(BUCKET, bucket, "a bucket's name is 3 to 63 lower-case letters, digits, . -");
        require(PREFIX, prefix, "a prefix is empty, or letters and digits and a slash at its end");
    }

    private static void require(Pattern pattern, String text, String rule) {
        if (!pattern.matcher(text).matches()) {
            throw new IllegalArgumentException(rule + ", not '" + text + "'");
        }
    }

    /** The trail's name in AWS' form. */
    public String arn() {
        return "arn:aws:cloudtrail:" + region + ":" + account + ":trail/" + trail;
    }

    /** What all keys of the trail begin with. */
    public String root() {
        return prefix + "AWSLogs/" + account + "/";
    }

    /**
     * The key of a log file.
     *
     * @param at when it is made
     * @param chance 16 random letters and digits
     */
    public String logKey(Instant at, String chance) {
        return folder(TrailKey.Kind.LOG, at) + account + "_CloudTrail_" + region + "_" + MINUTE.format(at) + "_"
                + chance + ".json.gz";
    }

    /** The key of the digest of a period that ends then. */
    public String digestKey(Instant end) {
        return ofDigest(TrailKey.Kind.DIGEST, end);
    }

    /** The key of the digest's signature, in hex: a copy of a bucket's objects has none of their metadata. */
    public String signatureKey(Instant end) {
        return ofDigest(TrailKey.Kind.SIGNATURE, end);
    }

    /** The key of the time stamp (RFC 3161) on the digest's signature. */
    public String timestampKey(Instant end) {
        return ofDigest(TrailKey.Kind.TIMESTAMP, end);
    }

    /** The key of a public key. */
    public String publicKeyKey(String fingerprint) {
        return root() + TrailKey.Kind.PUBLIC_KEY.folder() + "/" + region + "/" + fingerprint
                + TrailKey.Kind.PUBLIC_KEY.ending();
    }

    /** What the keys of all objects of a kind begin with. */
    public String folder(TrailKey.Kind kind) {
        return root() + kind.folder() + "/" + region + "/";
    }

    /** The same, of one day. */
    public String folder(TrailKey.Kind kind, Instant at) {
        return folder(kind) + DAY.format(at) + "/";
    }

    private String ofDigest(TrailKey.Kind kind, Instant end) {
        return folder(kind, end) + account + "_CloudTrail-Digest_" + region + "_" + trail + "_" + region + "_"
                + SECOND.format(end) + kind.ending();
    }
}
