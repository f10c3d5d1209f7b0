package io.mooring.files.core;

import io.mooring.contracts.access.QueryParameters;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What a request asks for, as its method, path and query say.
 *
 * @param bucket decoded
 * @param key decoded; empty if it is about the bucket
 */
public record Asked(Action action, String bucket, String key, QueryParameters query) {
    /**
     * Reads a request.
     *
     * @param path raw, {@code /BUCKET} or {@code /BUCKET/KEY}
     * @throws Refused if it cannot be read, or is nothing that is offered
     */
    public static Asked of(String method, String path, String rawQuery) throws Refused {
        Optional<QueryParameters> query = QueryParameters.read(rawQuery);
        Optional<String> decoded = QueryParameters.decode(path.startsWith("/") ? path.substring(1) : path);
        if (query.isEmpty() || decoded.isEmpty()) {
            throw new Refused(S3Error.INVALID_URI, "the path or the query cannot be read");
        }
        String text = new String(decoded.get().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        int slash = text.indexOf('/');
        String bucket = slash < 0 ? text : text.substring(0, slash);
        String key = slash < 0 ? "" : text.substring(slash + 1);
        Action action = key.isEmpty() ? ofBucket(method, query.get()) : ofObject(method, query.get());
        for (String name : query.get().names()) {
            if (!action.knows(name)) {
                throw new Refused(S3Error.NOT_IMPLEMENTED, action.label() + " with " + clip(name) + " is not offered");
            }
        }
        return new Asked(action, bucket, key, query.get());
    }

    private static Action ofObject(String method, QueryParameters query) throws Refused {
        boolean ofUpload = query.has("uploadId");
        return switch (method) {
            case "GET" -> Action.GET_OBJECT;
            case "HEAD" -> Action.HEAD_OBJECT;
            case "PUT" -> ofUpload ? Action.UPLOAD_PART : Action.PUT_OBJECT;
            case "DELETE" -> ofUpload ? Action.ABORT_MULTIPART_UPLOAD : Action.DELETE_OBJECT;
            case "POST" -> {
                if (ofUpload) {
                    yield Action.COMPLETE_MULTIPART_UPLOAD;
                }
                if (query.has("uploads")) {
                    yield Action.CREATE_MULTIPART_UPLOAD;
                }
                throw new Refused(S3Error.NOT_IMPLEMENTED, "this POST is not offered");
            }
            default -> throw new Refused(S3Error.METHOD_NOT_ALLOWED, "this method is not offered");
        };
    }

    private static Action ofBucket(String method, QueryParameters query) throws Refused {
        if (method.equals("HEAD")) {
            return Action.HEAD_BUCKET;
        }
        if (method.equals("GET") && query.has("location")) {
            return Action.GET_BUCKET_LOCATION;
        }
        if (method.equals("GET") && query.text("list-type").equals(Optional.of("2"))) {
            return Action.LIST_OBJECTS;
        }
        throw new Refused(S3Error.NOT_IMPLEMENTED, "of buckets, only ListObjectsV2 and their location are offered");
    }

    private static String clip(String text) {
        return text.length() <= 64 ? text : text.substring(0, 64) + "…";
    }
}
