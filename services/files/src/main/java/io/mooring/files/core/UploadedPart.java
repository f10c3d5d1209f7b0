package io.mooring.files.core;

/**
 * A part of a multipart upload, as a client names it to complete the upload.
 *
 * @param number from 1 to 10,000
 * @param etag without quotes
 */
public record UploadedPart(int number, String etag) {
    /** The highest number of a part. */
    public static final int MOST = 10_000;
}
