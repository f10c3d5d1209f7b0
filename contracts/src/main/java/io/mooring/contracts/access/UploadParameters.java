package io.mooring.contracts.access;

/** What a presigned URL of ours says of the upload it is for, covered by its signature as all parameters are. */
public final class UploadParameters {
    /** At most so many bytes. */
    public static final String SIZE = "x-mooring-size";

    /** The media type the object is kept with, whatever the upload says. */
    public static final String TYPE = "x-mooring-type";

    private UploadParameters() {}
}
