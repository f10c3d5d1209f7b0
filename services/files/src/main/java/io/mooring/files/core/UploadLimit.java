package io.mooring.files.core;

import io.mooring.contracts.access.UploadParameters;
import java.util.Optional;

/** How large an upload by a presigned URL may be: a parameter of the URL, covered by its signature. */
public final class UploadLimit {
    private UploadLimit() {}

    /** Holds an upload to its limit. */
    public static void check(Optional<String> parameter, long length) throws Refused {
        try {
            if (parameter.isPresent() && length > Long.parseLong(parameter.get())) {
                throw new Refused(S3Error.ENTITY_TOO_LARGE, "this URL is for at most " + parameter.get() + " bytes");
            }
        } catch (NumberFormatException e) {
            throw new Refused(S3Error.INVALID_ARGUMENT, UploadParameters.SIZE + " is not a number of bytes");
        }
    }
}
