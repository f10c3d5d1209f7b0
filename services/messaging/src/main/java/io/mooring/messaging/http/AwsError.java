package io.mooring.messaging.http;

/**
 * The errors of AWS IoT's data plane that we answer, by its names (AWS IoT data plane API reference), and those of
 * signatures (AWS common errors).
 */
enum AwsError {
    CONFLICT("ConflictException", 409),
    EXPIRED_TOKEN("ExpiredTokenException", 403),
    FORBIDDEN("ForbiddenException", 403),
    INTERNAL_FAILURE("InternalFailureException", 500),
    INVALID_REQUEST("InvalidRequestException", 400),
    INVALID_SIGNATURE("InvalidSignatureException", 403),
    LIMIT_EXCEEDED("LimitExceededException", 422),
    METHOD_NOT_ALLOWED("MethodNotAllowedException", 405),
    MISSING_AUTHENTICATION("MissingAuthenticationTokenException", 403),
    REQUEST_ENTITY_TOO_LARGE("RequestEntityTooLargeException", 413),
    RESOURCE_NOT_FOUND("ResourceNotFoundException", 404),
    SERVICE_UNAVAILABLE("ServiceUnavailableException", 503),
    THROTTLING("ThrottlingException", 429),
    UNAUTHORIZED("UnauthorizedException", 401),
    UNRECOGNIZED_CLIENT("UnrecognizedClientException", 403),
    UNSUPPORTED_DOCUMENT_ENCODING("UnsupportedDocumentEncodingException", 415);

    private final String type;
    private final int status;

    AwsError(String type, int status) {
        this.type = type;
        this.status = status;
    }

    /** As clients know it. */
    String type() {
        return type;
    }

    int status() {
        return status;
    }

    /** The error of a shadow's refusal. */
    static AwsError of(int code) {
        return switch (code) {
            case 400 -> INVALID_REQUEST;
            case 404 -> RESOURCE_NOT_FOUND;
            case 409 -> CONFLICT;
            case 413 -> REQUEST_ENTITY_TOO_LARGE;
            case 415 -> UNSUPPORTED_DOCUMENT_ENCODING;
            case 422 -> LIMIT_EXCEEDED;
            case 429 -> THROTTLING;
            default -> INTERNAL_FAILURE;
        };
    }
}
