package io.mooring.devstack.launcher.process;

/** Something could not be started. The message is one sentence for the person who tried. */
public final class StartException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StartException(String message) {
        super(message);
    }

    public StartException(String message, Throwable cause) {
        super(message, cause);
    }
}
