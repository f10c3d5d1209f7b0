package io.mooring.contracts.access;

import java.time.Duration;

/**
 * What a service expects of signatures.
 *
 * @param service by the name that clients sign: {@code s3}, {@code logs}, {@code monitoring}
 * @param skew how far the signer's clock may be off
 * @param pathOnce whether the path is signed as it is sent, as S3 alone does; others encode it once more
 * @param needsPayloadHash whether {@code x-amz-content-sha256} must be sent, as S3 alone asks
 * @param longestPresigned for how long a presigned URL may be good
 */
public record SignatureRules(
        String region,
        String service,
        Duration skew,
        boolean pathOnce,
        boolean needsPayloadHash,
        Duration longestPresigned) {
    /** Amazon S3's rules: 15 minutes, the path as sent, presigned URLs for seven days at most. */
    public static SignatureRules s3(String region) {
        return new SignatureRules(region, "s3", Duration.ofMinutes(15), true, true, Duration.ofDays(7));
    }

    /** The rules of all other services: five minutes. */
    public static SignatureRules service(String region, String service) {
        return new SignatureRules(region, service, Duration.ofMinutes(5), false, false, Duration.ofHours(1));
    }
}
