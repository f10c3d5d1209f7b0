package io.mooring.agent.command;

import org.jspecify.annotations.Nullable;

/** Does commands of one name. */
@FunctionalInterface
public interface CommandHandler {
    /** Tells the cloud how far it is. */
    @FunctionalInterface
    interface Progress {
        /**
         * So much is done.
         *
         * @param percent 0 to 100
         * @param message for people; may be empty
         */
        void report(double percent, String message);
    }

    /**
     * Does one. It is interrupted when its time is up, and when the command is taken back.
     *
     * @throws Exception if it failed; the message is told
     */
    Outcome handle(Command command, Progress progress) throws Exception;

    /** What became of a command. */
    sealed interface Outcome {
        /**
         * It was done.
         *
         * @param output anything JSON can say, or null
         */
        record Succeeded(@Nullable Object output) implements Outcome {}

        /**
         * It could not be done.
         *
         * @param message why, for people
         * @param output anything JSON can say, or null
         */
        record Failed(String message, @Nullable Object output) implements Outcome {}

        /**
         * It was not begun, and never will be.
         *
         * @param message why, for people
         */
        record Rejected(String message) implements Outcome {}
    }
}
