package io.mooring.audit.core;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a period brought: the log files of it, each with its hash, and the digest before, with its hash and signature. So the
 * last one vouches for all (CloudTrail user guide, "CloudTrail digest file structure").
 *
 * @param start of the period: the end of the one before
 * @param end of the period, to the second
 * @param bucket where this digest lies
 * @param object its key there
 * @param fingerprint of the key that it is signed with
 * @param previous the digest before; null for the first
 * @param logFiles in the order in which they were made
 */
public record Digest(
        String account,
        Instant start,
        Instant end,
        String bucket,
        String object,
        String fingerprint,
        @Nullable Previous previous,
        List<NamedLog> logFiles) {
    /** The one signature that there is (RFC 8017, section 8.2: PKCS #1 v1.5). */
    public static final String SIGNATURE_ALGORITHM = "SHA256withRSA";

    private static final String HASH_ALGORITHM = "SHA-256";
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /**
     * The digest before.
     *
     * @param sha256 of its uncompressed bytes, in lower-case hex
     * @param signature in hex
     */
    public record Previous(String bucket, String object, String sha256, String signature) {}

    /**
     * A log file.
     *
     * @param sha256 of its uncompressed bytes, in lower-case hex
     * @param newest time of a record in it
     * @param oldest time of a record in it
     */
    public record NamedLog(String bucket, String object, String sha256, Instant newest, Instant oldest) {}

    public Digest {
        logFiles = List.copyOf(logFiles);
    }

    /** The document, uncompressed. */
    public byte[] toJson() {
        ObjectNode json = JSON.createObjectNode()
                .put("awsAccountId", account)
                .put("digestStartTime", Times.text(start))
                .put("digestEndTime", Times.text(end))
                .put("digestS3Bucket", bucket)
                .put("digestS3Object", object)
                .put("digestPublicKeyFingerprint", fingerprint)
                .put("digestSignatureAlgorithm", SIGNATURE_ALGORITHM)
                .put(
                        "newestEventTime",
                        text(logFiles.stream()
                                .map(NamedLog::newest)
                                .max(Instant::compareTo)
                                .orElse(null)))
                .put(
                        "oldestEventTime",
                        text(logFiles.stream()
                                .map(NamedLog::oldest)
                                .min(Instant::compareTo)
                                .orElse(null)))
                .put("previousDigestS3Bucket", previous == null ? null : previous.bucket())
                .put("previousDigestS3Object", previous == null ? null : previous.object())
                .put("previousDigestHashValue", previous == null ? null : previous.sha256())
                .put("previousDigestHashAlgorithm", previous == null ? null : HASH_ALGORITHM)
                .put("previousDigestSignature", previous == null ? null : previous.signature());
        ArrayNode files = json.putArray("logFiles");
        for (NamedLog log : logFiles) {
            files.addObject()
                    .put("s3Bucket", log.bucket())
                    .put("s3Object", log.object())
                    .put("hashValue", log.sha256())
                    .put("hashAlgorithm", HASH_ALGORITHM)
                    .put("newestEventTime", Times.text(log.newest()))
                    .put("oldestEventTime", Times.text(log.oldest()));
        }
        try {
            return JSON.writeValueAsBytes(json);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static @Nullable String text(@Nullable Instant time) {
        return time == null ? null : Times.text(time);
    }

    /**
     * Reads a document.
     *
     * @throws IOException if it is no digest; the message says why
     */
    public static Digest of(byte[] document) throws IOException {
        JsonNode json = JSON.readTree(document);
        if (!text(json, "digestSignatureAlgorithm").equals(SIGNATURE_ALGORITHM)) {
            throw new IOException("is signed by another algorithm than " + SIGNATURE_ALGORITHM);
        }
        boolean first = json.path("previousDigestS3Object").isNull();
        Previous previous = first
                ? null
                : new Previous(
                        text(json, "previousDigestS3Bucket"),
                        text(json, "previousDigestS3Object"),
                        hash(json, "previousDigestHashValue", "previousDigestHashAlgorithm"),
                        text(json, "previousDigestSignature"));
        List<NamedLog> files = new ArrayList<>();
        for (JsonNode file : json.path("logFiles")) {
            files.add(new NamedLog(
                    text(file, "s3Bucket"),
                    text(file, "s3Object"),
                    hash(file, "hashValue", "hashAlgorithm"),
                    time(file, "newestEventTime"),
                    time(file, "oldestEventTime")));
        }
        return new Digest(
                text(json, "awsAccountId"),
                time(json, "digestStartTime"),
                time(json, "digestEndTime"),
                text(json, "digestS3Bucket"),
                text(json, "digestS3Object"),
                text(json, "digestPublicKeyFingerprint"),
                previous,
                files);
    }

    private static String hash(JsonNode json, String value, String algorithm) throws IOException {
        if (!text(json, algorithm).equals(HASH_ALGORITHM)) {
            throw new IOException(algorithm + " is another than " + HASH_ALGORITHM);
        }
        return text(json, value);
    }

    private static Instant time(JsonNode json, String name) throws IOException {
        try {
            return Times.of(text(json, name));
        } catch (DateTimeException noTime) {
            throw new IOException(name + " is no time", noTime);
        }
    }

    private static String text(JsonNode json, String name) throws IOException {
        JsonNode value = json.path(name);
        if (!value.isTextual()) {
            throw new IOException("has no " + name);
        }
        return value.textValue();
    }

    /**
     * What is signed of a digest.
     *
     * @param document as {@link #toJson} makes it, or as it was found
     */
    public byte[] signedText(byte[] document) {
        String text = Times.text(end) + "\n" + bucket + "/" + object + "\n" + Sha256.hex(document) + "\n"
                + (previous == null ? "null" : previous.signature());
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
