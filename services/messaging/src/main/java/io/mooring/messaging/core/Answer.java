package io.mooring.messaging.core;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a device says of a command: a row of the model CommandResult.
 *
 * @param progress percent, if it says so
 * @param output any JSON
 * @param message for people
 */
public record Answer(
        Status status,
        @Nullable Double progress,
        @Nullable String output,
        @Nullable String message) {
    /** How far it is. */
    public enum Status {
        RUNNING("running"),
        SUCCEEDED("succeeded"),
        FAILED("failed"),
        REJECTED("rejected"),
        TIMED_OUT("timedOut");

        private final String label;

        Status(String label) {
            this.label = label;
        }

        public String label() {
            return label;
        }

        /** The status of this label; empty if there is none. */
        public static Optional<Status> of(String label) {
            for (Status status : values()) {
                if (status.label.equals(label)) {
                    return Optional.of(status);
                }
            }
            return Optional.empty();
        }
    }

    /** Whether nothing follows. */
    public boolean isFinal() {
        return status != Status.RUNNING;
    }
}
