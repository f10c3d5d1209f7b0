package io.mooring.files.core;

import io.mooring.contracts.access.UploadParameters;
import java.util.List;

/** The operations of Amazon S3 that are offered, by its names, with the parameters each knows. */
public enum Action {
    PUT_OBJECT("PutObject", true, UploadParameters.SIZE, UploadParameters.TYPE),
    GET_OBJECT("GetObject", true),
    HEAD_OBJECT("HeadObject", true),
    DELETE_OBJECT("DeleteObject", true),
    CREATE_MULTIPART_UPLOAD("CreateMultipartUpload", true, "uploads"),
    UPLOAD_PART("UploadPart", true, "partNumber", "uploadId"),
    COMPLETE_MULTIPART_UPLOAD("CompleteMultipartUpload", true, "uploadId"),
    ABORT_MULTIPART_UPLOAD("AbortMultipartUpload", true, "uploadId"),
    LIST_OBJECTS(
            "ListObjectsV2",
            false,
            "list-type",
            "prefix",
            "delimiter",
            "start-after",
            "continuation-token",
            "max-keys",
            "encoding-type",
            "fetch-owner"),
    HEAD_BUCKET("HeadBucket", false),
    GET_BUCKET_LOCATION("GetBucketLocation", false, "location");

    private final String label;
    private final boolean ofObject;
    private final List<String> parameters;

    Action(String label, boolean ofObject, String... parameters) {
        this.label = label;
        this.ofObject = ofObject;
        this.parameters = List.of(parameters);
    }

    /** S3's name of it. */
    public String label() {
        return label;
    }

    /** Whether it is about one object, and not the bucket. */
    public boolean isOfObject() {
        return ofObject;
    }

    /** Whether it may change what is kept. */
    public boolean changes() {
        return switch (this) {
            case GET_OBJECT, HEAD_OBJECT, LIST_OBJECTS, HEAD_BUCKET, GET_BUCKET_LOCATION -> false;
            case PUT_OBJECT,
                    DELETE_OBJECT,
                    CREATE_MULTIPART_UPLOAD,
                    UPLOAD_PART,
                    COMPLETE_MULTIPART_UPLOAD,
                    ABORT_MULTIPART_UPLOAD -> true;
        };
    }

    /** Whether a parameter of the query means something to it; those of signatures mean something to all. */
    boolean knows(String parameter) {
        return parameter.startsWith("X-Amz-") || parameter.equals("x-id") || parameters.contains(parameter);
    }
}
