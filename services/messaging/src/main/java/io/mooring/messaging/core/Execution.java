package io.mooring.messaging.core;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What has become of a command on one device. Each state offers only the moves it allows; {@link ExecutionDecider} knows
 * when to make them.
 */
public sealed interface Execution {
    /** As APIs and tables say it. */
    String label();

    /** Until when something must happen; null if nothing must. */
    @Nullable
    Instant deadline();

    /** Whether no state follows. */
    default boolean isFinal() {
        return false;
    }

    /** Waits for its turn: for its time, or because only so many go a minute. */
    record Queued() implements Execution {
        @Override
        public String label() {
            return "queued";
        }

        @Override
        public @Nullable Instant deadline() {
            return null;
        }

        Sent sent(Instant until) {
            return new Sent(until);
        }

        Ended cancelled(String why) {
            return Ended.byUs("cancelled", why, null);
        }
    }

    /**
     * It is on its way down, or waits for the device to come.
     *
     * @param deadline until when the device must have it
     */
    record Sent(Instant deadline) implements Execution {
        @Override
        public String label() {
            return "sent";
        }

        Delivered delivered(Instant answersUntil) {
            return new Delivered(answersUntil);
        }

        Ended cancelled(String why) {
            return Ended.byUs("cancelled", why, null);
        }

        Ended notDelivered() {
            return Ended.byUs("timedOut", "the device did not get it in time", null);
        }
    }

    /**
     * The device's own MQTT acknowledgement came.
     *
     * @param deadline until when it must say something
     */
    record Delivered(Instant deadline) implements Execution {
        @Override
        public String label() {
            return "delivered";
        }

        Ended notAnswered() {
            return Ended.byUs("timedOut", "the device has it and did not answer in time", null);
        }
    }

    /**
     * The device says that it works on it.
     *
     * @param progress percent, if it says so
     * @param output what it said so far, JSON
     * @param deadline until when it must say something more
     */
    record Running(
            @Nullable Double progress,
            @Nullable String output,
            @Nullable String message,
            Instant deadline) implements Execution {
        @Override
        public String label() {
            return "running";
        }

        Ended fellSilent() {
            return new Ended("timedOut", progress, output, "the device began and then fell silent", false, null);
        }
    }

    /**
     * It is over.
     *
     * @param label how it ended
     * @param answered whether by the device's own word
     * @param late what the device answered after it had been ended without its word, JSON
     */
    record Ended(
            String label,
            @Nullable Double progress,
            @Nullable String output,
            @Nullable String message,
            boolean answered,
            @Nullable String late)
            implements Execution {
        @Override
        public @Nullable Instant deadline() {
            return null;
        }

        @Override
        public boolean isFinal() {
            return true;
        }

        /** Whether it counts against a command's threshold. */
        public boolean isFailure() {
            return switch (label) {
                case "failed", "rejected", "timedOut" -> true;
                default -> false;
            };
        }

        static Ended by(Answer answer) {
            return new Ended(answer.status().label(), answer.progress(), answer.output(), answer.message(), true, null);
        }

        /** The device has it and never answers commands: that is all there will be. */
        static Ended deliveredToSilent() {
            return byUs("delivered", null, null);
        }

        static Ended byUs(String label, @Nullable String message, @Nullable String late) {
            return new Ended(label, null, null, message, false, late);
        }

        Ended withLate(String answer) {
            return new Ended(label, progress, output, message, answered, answer);
        }
    }

    /** Moves by a device's answer, from wherever it is open. */
    static Execution answered(Answer answer, Instant until) {
        return answer.isFinal()
                ? Ended.by(answer)
                : new Running(answer.progress(), answer.output(), answer.message(), until);
    }
}
