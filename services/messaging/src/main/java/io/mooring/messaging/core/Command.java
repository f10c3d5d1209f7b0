package io.mooring.messaging.core;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A command, as it stands for all its devices.
 *
 * @param id a ULID; also the id of the row that each device gets
 * @param caller who asked
 * @param nextDispatch when there is something to be done for it; null if nothing is
 * @param total how many devices it is for, once it has started
 * @param ended for how many it is over
 * @param failures for how many it is over without success
 */
public record Command(
        String id,
        String caller,
        CommandRequest request,
        State state,
        Instant starts,
        @Nullable Instant nextDispatch,
        int total,
        int ended,
        int failures,
        Instant created,
        @Nullable Instant finished) {
    /** How a command stands. */
    public enum State {
        /** Its time has not come. */
        SCHEDULED,
        RUNNING,
        /** It is over for all its devices. */
        COMPLETED,
        /** Too many failed; those it was not sent to are left alone. */
        STOPPED,
        /** Somebody called it off. */
        ABORTED;

        public String label() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }

        public static State of(String label) {
            return valueOf(label.toUpperCase(java.util.Locale.ROOT));
        }

        /** Whether nothing is sent any more. */
        public boolean isGivenUp() {
            return this == STOPPED || this == ABORTED;
        }
    }

    public Duration expires() {
        return Duration.ofSeconds(request.expiresSeconds());
    }

    public Duration timeout() {
        return Duration.ofSeconds(request.timeoutSeconds());
    }

    /** Whether it is over for all its devices. */
    public boolean isOver() {
        return state != State.SCHEDULED && ended >= total;
    }

    /** The same, as it goes on. */
    public Command with(State newState, @Nullable Instant dispatchAt, int newTotal) {
        return new Command(
                id, caller, request, newState, starts, dispatchAt, newTotal, ended, failures, created, finished);
    }
}
