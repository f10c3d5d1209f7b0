package io.mooring.files.core;

import java.time.Instant;
import java.util.Map;

/**
 * What is known of an object that is kept.
 *
 * @param headers those given with it and given back with it, by lower-case name: {@code content-type}, {@code
 *     x-amz-meta-…}, {@code x-amz-checksum-…} and the like
 * @param size in bytes
 * @param etag without quotes
 */
public record Kept(Map<String, String> headers, long size, String etag, Instant modified) {
    public Kept {
        headers = Map.copyOf(headers);
        modified = Instant.ofEpochMilli(modified.toEpochMilli());
    }
}
