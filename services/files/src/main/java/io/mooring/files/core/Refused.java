package io.mooring.files.core;

import java.io.IOException;

/** Something that is not done, and why. Cheap: it has no stack trace. */
public final class Refused extends IOException {
    private static final long serialVersionUID = 1;

    private final S3Error error;

    /**
     * A refusal.
     *
     * @param detail for people; never holds a secret
     */
    public Refused(S3Error error, String detail) {
        super(detail);
        this.error = error;
    }

    public S3Error error() {
        return error;
    }

    /** For people. */
    public String detail() {
        return String.valueOf(getMessage());
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
