package io.mooring.metrics.http;

import io.mooring.metrics.access.Admission;
import io.mooring.metrics.core.PutMetricData;

/** What is answered in AWS' form: by its name in JSON and CBOR, and by its code in the query form (CloudWatch API reference). */
enum AwsError {
    ACCESS_DENIED("AccessDeniedException", "AccessDenied", 403),
    EXPIRED_TOKEN("ExpiredTokenException", "ExpiredToken", 403),
    INVALID_SIGNATURE("InvalidSignatureException", "SignatureDoesNotMatch", 403),
    MISSING_TOKEN("MissingAuthenticationTokenException", "MissingAuthenticationToken", 403),
    UNRECOGNIZED_CLIENT("UnrecognizedClientException", "InvalidClientTokenId", 403),
    INVALID_PARAMETER("InvalidParameterValueException", PutMetricData.INVALID, 400),
    MISSING_PARAMETER("MissingRequiredParameterException", PutMetricData.MISSING, 400),
    INVALID_COMBINATION("InvalidParameterCombinationException", PutMetricData.COMBINATION, 400),
    LIMIT_EXCEEDED("LimitExceededException", "LimitExceeded", 400),
    SERIALIZATION("SerializationException", "MalformedQueryString", 400),
    UNKNOWN_OPERATION("UnknownOperationException", "InvalidAction", 400),
    THROTTLING("ThrottlingException", "Throttling", 400),
    INTERNAL_FAILURE("InternalServiceFault", "InternalServiceError", 500),
    UNAVAILABLE("ServiceUnavailableException", "ServiceUnavailable", 503);

    private final String type;
    private final String code;
    private final int status;

    AwsError(String type, String code, int status) {
        this.type = type;
        this.code = code;
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

    /** The error of a refusal of {@link PutMetricData}. */
    static AwsError of(String code) {
        return switch (code) {
            case PutMetricData.MISSING -> MISSING_PARAMETER;
            case PutMetricData.COMBINATION -> INVALID_COMBINATION;
            default -> INVALID_PARAMETER;
        };
    }

    String type() {
        return type;
    }

    String code() {
        return code;
    }

    int status() {
        return status;
    }

    /** Whose fault it is, as the query form says it. */
    String fault() {
        return status < 500 ? "Sender" : "Receiver";
    }
}
