package io.mooring.files.store;

import io.mooring.files.core.Kept;
import io.mooring.files.core.Listing;
import io.mooring.files.core.ObjectKey;
import io.mooring.files.core.Owner;
import io.mooring.files.core.Refused;
import io.mooring.files.core.S3Error;
import io.mooring.files.core.UploadedPart;
import io.mooring.files.core.Usage;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Objects in a bucket at any S3 endpoint, at {@code PREFIX CLOUD/DEVICE/…}. The client must not try again by itself: a
 * body can be read only once. Uploads that are never completed are for the bucket's own lifecycle rules to drop.
 */
public final class BucketStore implements ObjectStore {
    private static final String META = "x-amz-meta-";

    private final S3Client client;
    private final String bucket;
    private final String prefix;
    private final Clock clock;

    /** Keeps objects in a bucket, which must be there. */
    public BucketStore(S3Client client, String bucket, String prefix, Clock clock) {
        this.client = client;
        this.bucket = bucket;
        this.prefix = prefix;
        this.clock = clock;
    }

    @Override
    public Kept put(ObjectKey key, Map<String, String> headers, VerifiedBody body) throws IOException {
        String etag = call(() -> client.putObject(
                        request -> request.bucket(bucket)
                                .key(path(key))
                                .contentType(headers.get("content-type"))
                                .contentEncoding(headers.get("content-encoding"))
                                .contentDisposition(headers.get("content-disposition"))
                                .contentLanguage(headers.get("content-language"))
                                .cacheControl(headers.get("cache-control"))
                                .metadata(metadata(headers)),
                        RequestBody.fromInputStream(body, body.length()))
                .eTag());
        return new Kept(headers, body.length(), plain(etag), clock.instant());
    }

    @Override
    public Optional<Kept> find(ObjectKey key) throws IOException {
        try {
            return Optional.of(kept(call(
                    () -> client.headObject(request -> request.bucket(bucket).key(path(key))))));
        } catch (Refused refused) {
            if (refused.error() == S3Error.NO_SUCH_KEY) {
                return Optional.empty();
            }
            throw refused;
        }
    }

    @Override
    public Optional<Opened> open(ObjectKey key) throws IOException {
        return find(key)
                .map(kept -> new Opened(
                        kept,
                        (offset, length) -> call(() -> client.getObject(request -> request.bucket(bucket)
                                .key(path(key))
                                .ifMatch(kept.etag())
                                .range(
                                        length == kept.size()
                                                ? null
                                                : "bytes=" + offset + "-" + (offset + length - 1)))),
                        () -> {}));
    }

    @Override
    public void delete(ObjectKey key) throws IOException {
        call(() -> client.deleteObject(request -> request.bucket(bucket).key(path(key))));
    }

    @Override
    public Listing.Page<Listed> list(Owner owner, Listing.Query query) throws IOException {
        String cut = prefix + owner.cloud() + "/";
        ListObjectsV2Response response = call(() -> client.listObjectsV2(request -> request.bucket(bucket)
                .prefix(cut + (query.prefix().startsWith(owner.prefix()) ? query.prefix() : owner.prefix()))
                .delimiter(blankAsNull(query.delimiter()))
                .startAfter(query.startAfter().isEmpty() ? null : cut + query.startAfter())
                .continuationToken(blankAsNull(query.token()))
                .maxKeys(query.most())));
        List<Listed> objects = response.contents().stream()
                .map(object -> new Listed(object.key().substring(cut.length()), kept(object)))
                .toList();
        List<String> prefixes = response.commonPrefixes().stream()
                .map(common -> common.prefix().substring(cut.length()))
                .toList();
        return new Listing.Page<>(objects, prefixes, Optional.ofNullable(response.nextContinuationToken()));
    }

    @Override
    public Usage usage(Owner owner) throws IOException {
        return call(() -> {
            Usage total = new Usage(0, 0);
            for (ListObjectsV2Response page : client.listObjectsV2Paginator(
                    request -> request.bucket(bucket).prefix(prefix + owner.cloud() + "/" + owner.prefix()))) {
                for (S3Object object : page.contents()) {
                    total = total.plus(object.size(), 1);
                }
            }
            return total;
        });
    }

    @Override
    public String begin(ObjectKey key, Map<String, String> headers) throws IOException {
        return call(() -> client.createMultipartUpload(request -> request.bucket(bucket)
                        .key(path(key))
                        .contentType(headers.get("content-type"))
                        .contentEncoding(headers.get("content-encoding"))
                        .contentDisposition(headers.get("content-disposition"))
                        .contentLanguage(headers.get("content-language"))
                        .cacheControl(headers.get("cache-control"))
                        .metadata(metadata(headers)))
                .uploadId());
    }

    @Override
    public String part(ObjectKey key, String upload, int number, VerifiedBody body) throws IOException {
        return plain(call(() -> client.uploadPart(
                        request -> request.bucket(bucket)
                                .key(path(key))
                                .uploadId(upload)
                                .partNumber(number),
                        RequestBody.fromInputStream(body, body.length()))
                .eTag()));
    }

    @Override
    public Kept complete(ObjectKey key, String upload, List<UploadedPart> parts) throws IOException {
        List<CompletedPart> named = parts.stream()
                .map(part -> CompletedPart.builder()
                        .partNumber(part.number())
                        .eTag(part.etag())
                        .build())
                .toList();
        call(() -> client.completeMultipartUpload(request ->
                request.bucket(bucket).key(path(key)).uploadId(upload).multipartUpload(all -> all.parts(named))));
        return find(key).orElseThrow(() -> new IOException("an upload was completed, but its object is gone"));
    }

    @Override
    public void abort(ObjectKey key, String upload) throws IOException {
        call(() -> client.abortMultipartUpload(
                request -> request.bucket(bucket).key(path(key)).uploadId(upload)));
    }

    @Override
    public void sweep(Instant begunBefore) {
        // The bucket's lifecycle rules do that.
    }

    private String path(ObjectKey key) {
        return prefix + key.owner().cloud() + "/" + key.key();
    }

    /** Asks the endpoint. What it refuses and a client could mend is refused here; the rest is our own trouble. */
    private static <T> T call(Ask<T> ask) throws IOException {
        try {
            return ask.now();
        } catch (S3Exception answer) {
            String code = answer.awsErrorDetails() == null
                    ? ""
                    : String.valueOf(answer.awsErrorDetails().errorCode());
            throw switch (code) {
                case "NoSuchKey" -> new Refused(S3Error.NO_SUCH_KEY, "there is no such object");
                case "NoSuchUpload" -> new Refused(S3Error.NO_SUCH_UPLOAD, "there is no such upload for this key");
                case "InvalidPart" -> new Refused(S3Error.INVALID_PART, "a part was not uploaded with this ETag");
                case "InvalidPartOrder" -> new Refused(S3Error.INVALID_PART_ORDER, "the parts are not in order");
                case "EntityTooSmall" -> new Refused(S3Error.ENTITY_TOO_SMALL, "a part is too small");
                case "PreconditionFailed" -> new Refused(S3Error.SLOW_DOWN, "the object was replaced meanwhile");
                // A HEAD has no body to say more.
                default ->
                    answer.statusCode() == 404
                            ? new Refused(S3Error.NO_SUCH_KEY, "there is no such object")
                            : new IOException("the S3 endpoint answered " + answer.statusCode() + " " + code, answer);
            };
        } catch (SdkException failed) {
            for (@Nullable Throwable cause = failed; cause != null; cause = cause.getCause()) {
                if (cause instanceof IOException known && !(failed == cause)) {
                    throw known;
                }
            }
            throw new IOException("the S3 endpoint could not be asked", failed);
        }
    }

    /** A question to the endpoint. */
    @FunctionalInterface
    private interface Ask<T> {
        T now();
    }

    private static Map<String, String> metadata(Map<String, String> headers) {
        Map<String, String> metadata = new HashMap<>();
        headers.forEach((name, value) -> {
            if (name.startsWith(META)) {
                metadata.put(name.substring(META.length()), value);
            }
        });
        return metadata;
    }

    private static Kept kept(HeadObjectResponse head) {
        Map<String, String> headers = new HashMap<>();
        put(headers, "content-type", head.contentType());
        put(headers, "content-encoding", head.contentEncoding());
        put(headers, "content-disposition", head.contentDisposition());
        put(headers, "content-language", head.contentLanguage());
        put(headers, "cache-control", head.cacheControl());
        head.metadata().forEach((name, value) -> headers.put(META + name.toLowerCase(Locale.ROOT), value));
        return new Kept(headers, head.contentLength(), plain(head.eTag()), head.lastModified());
    }

    private static Kept kept(S3Object object) {
        return new Kept(Map.of(), object.size(), plain(object.eTag()), object.lastModified());
    }

    private static void put(Map<String, String> headers, String name, @Nullable String value) {
        if (value != null) {
            headers.put(name, value);
        }
    }

    private static String plain(String etag) {
        return etag.replace("\"", "");
    }

    private static @Nullable String blankAsNull(String text) {
        return text.isEmpty() ? null : text;
    }
}
