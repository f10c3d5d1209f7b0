package io.mooring.audit.store;

import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.ObjectLockMode;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/** A bucket of any S3 endpoint. With a lock, not even who has our keys can change or remove an object before its time. */
public final class BucketStore implements ObjectStore {
    private static final int PRECONDITION_FAILED = 412;
    private static final int MOST_LISTED = 1000;

    private final S3Client client;
    private final String bucket;
    private final Optional<Lock> lock;
    private final Clock clock;

    /** How objects are locked, and for how long. */
    public record Lock(ObjectLockMode mode, Duration time) {}

    public BucketStore(S3Client client, String bucket, Optional<Lock> lock, Clock clock) {
        this.client = client;
        this.bucket = bucket;
        this.lock = lock;
        this.clock = clock;
    }

    @Override
    public boolean put(String key, byte[] bytes, Map<String, String> metadata) throws IOException {
        PutObjectRequest.Builder request = PutObjectRequest.builder()
                .bucket(bucket)
                .key(key)
                .metadata(metadata)
                // Asked for wherever objects are locked (Amazon S3 API reference, PutObject).
                .contentMD5(md5(bytes))
                .contentType("application/octet-stream")
                .ifNoneMatch("*");
        lock.ifPresent(locked -> request.objectLockMode(locked.mode())
                .objectLockRetainUntilDate(clock.instant().plus(locked.time())));
        try {
            client.putObject(request.build(), RequestBody.fromBytes(bytes));
            return true;
        } catch (S3Exception refused) {
            if (refused.statusCode() == PRECONDITION_FAILED) {
                return false;
            }
            throw new IOException("the bucket refuses " + key + ": " + refused.getMessage(), refused);
        } catch (SdkException away) {
            throw new IOException("the bucket cannot be written to: " + away.getMessage(), away);
        }
    }

    @Override
    public Optional<byte[]> get(String key) throws IOException {
        try {
            return Optional.of(
                    client.getObjectAsBytes(request -> request.bucket(bucket).key(key))
                            .asByteArray());
        } catch (NoSuchKeyException none) {
            return Optional.empty();
        } catch (SdkException away) {
            throw new IOException("the bucket cannot be read: " + away.getMessage(), away);
        }
    }

    @Override
    public List<String> list(String prefix, String after, int most) throws IOException {
        List<String> keys = new ArrayList<>();
        try {
            String last = after;
            boolean more = true;
            while (more && keys.size() < most) {
                ListObjectsV2Request.Builder request = ListObjectsV2Request.builder()
                        .bucket(bucket)
                        .prefix(prefix)
                        .maxKeys(Math.min(MOST_LISTED, most - keys.size()));
                if (!last.isEmpty()) {
                    request.startAfter(last);
                }
                ListObjectsV2Response page = client.listObjectsV2(request.build());
                page.contents().stream().map(S3Object::key).forEach(keys::add);
                more = Boolean.TRUE.equals(page.isTruncated())
                        && !page.contents().isEmpty();
                last = keys.isEmpty() ? "" : keys.getLast();
            }
            return keys;
        } catch (SdkException away) {
            throw new IOException("the bucket cannot be listed: " + away.getMessage(), away);
        }
    }

    private static String md5(byte[] bytes) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("MD5").digest(bytes));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has MD5", impossible);
        }
    }
}
