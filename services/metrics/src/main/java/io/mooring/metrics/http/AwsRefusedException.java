package io.mooring.metrics.http;

/** A request in AWS' form is not answered as asked. */
final class AwsRefusedException extends Exception {
    private static final long serialVersionUID = 1;

    private final AwsError error;

    AwsRefusedException(AwsError error, String message) {
        super(message, null, false, false);
        this.error = error;
    }

    AwsError error() {
        return error;
    }

    String message() {
        return String.valueOf(getMessage());
    }
}
