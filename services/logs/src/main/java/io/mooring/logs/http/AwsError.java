package io.mooring.logs.http;

import io.mooring.logs.access.Admission;

/** What is answered in AWS' form (CloudWatch Logs API reference, common errors). */
enum AwsError {
    ACCESS_DENIED("AccessDeniedException", 400),
    EXPIRED_TOKEN("ExpiredTokenException", 400),
    INVALID_SIGNATURE("InvalidSignatureException", 400),
    MISSING_TOKEN("MissingAuthenticationTokenException", 400),
    UNRECOGNIZED_CLIENT("UnrecognizedClientException", 400),
    INVALID_PARAMETER("InvalidParameterException", 400),
    SERIALIZATION("SerializationException", 400),
    UNKNOWN_OPERATION("UnknownOperationException", 400),
    THROTTLING("ThrottlingException", 400),
    INTERNAL_FAILURE("InternalFailure", 500),
    UNAVAILABLE("ServiceUnavailableException", 503);

    private final String type;
    private final int status;

    AwsError(String type, int status) {
        this.type = type;
        this.status = status;
    }

    static AwsError of(Admission.Reason reason) {
        return switch (reason) {
            case NOT_SIGNED -> MISSING_TOKEN;
            case WRONG_SIGNATURE -> INVALID_SIGNATURE;
            case UNKNOWN_KEY, REVOKED_KEY -> UNRECOGNIZED_CLIENT;
            case EXPIRED_KEY -> EXPIRED_TOKEN;
            case FORBIDDEN -> ACCESS_DENIED;
            case LATER -> UNAVAILABLE;
        };
    }

    String type() {
        return type;
    }

    int status() {
        return status;
    }
}
