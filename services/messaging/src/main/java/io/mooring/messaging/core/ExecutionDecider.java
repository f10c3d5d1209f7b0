package io.mooring.messaging.core;

import io.mooring.messaging.core.Execution.Delivered;
import io.mooring.messaging.core.Execution.Ended;
import io.mooring.messaging.core.Execution.Queued;
import io.mooring.messaging.core.Execution.Running;
import io.mooring.messaging.core.Execution.Sent;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Decides what becomes of a command on one device. Signals may come twice, late and out of order; the first final state
 * stands, and there is exactly one.
 */
public final class ExecutionDecider {
    /** Whether a device says what became of commands. */
    public enum Answering {
        /** It does. */
        YES,
        /** It does not: an agent of the base protocol, for which delivery is all that can be known. */
        NO,
        /** It has not said anything of itself yet. */
        UNKNOWN
    }

    /**
     * What is known when a signal comes.
     *
     * @param now when
     * @param expires how long a device may take to get a command
     * @param timeout how long a device that has it may say nothing
     */
    public record Facts(Instant now, Answering answering, Duration expires, Duration timeout) {
        Instant silentUntil() {
            return now.plus(timeout);
        }
    }

    private ExecutionDecider() {}

    /** The state after a signal; empty if it changes nothing. */
    public static Optional<Execution> decide(Execution current, Signal signal, Facts facts) {
        return switch (current) {
            case Queued queued -> queued(queued, signal, facts);
            case Sent sent -> sent(sent, signal, facts);
            case Delivered delivered -> delivered(delivered, signal, facts);
            case Running running -> running(running, signal, facts);
            case Ended ended -> ended(ended, signal);
        };
    }

    private static Optional<Execution> queued(Queued queued, Signal signal, Facts facts) {
        return switch (signal) {
            case Signal.Dispatched _ -> Optional.of(queued.sent(facts.now().plus(facts.expires())));
            case Signal.Withdrawn withdrawn -> Optional.of(queued.cancelled(withdrawn.why()));
            // Nobody can have it yet.
            case Signal.Received _, Signal.Answered _, Signal.DeadlinePassed _ -> Optional.empty();
        };
    }

    private static Optional<Execution> sent(Sent sent, Signal signal, Facts facts) {
        return switch (signal) {
            case Signal.Dispatched _ -> Optional.empty();
            case Signal.Received _ ->
                Optional.of(
                        facts.answering() == Answering.NO
                                ? Ended.deliveredToSilent()
                                : sent.delivered(facts.silentUntil()));
            // Its answer may overtake its acknowledgement.
            case Signal.Answered answered -> Optional.of(Execution.answered(answered.answer(), facts.silentUntil()));
            case Signal.DeadlinePassed _ ->
                facts.now().isBefore(sent.deadline()) ? Optional.empty() : Optional.of(sent.notDelivered());
            case Signal.Withdrawn withdrawn -> Optional.of(sent.cancelled(withdrawn.why()));
        };
    }

    private static Optional<Execution> delivered(Delivered delivered, Signal signal, Facts facts) {
        return switch (signal) {
            case Signal.Answered answered -> Optional.of(Execution.answered(answered.answer(), facts.silentUntil()));
            case Signal.DeadlinePassed _ -> {
                if (facts.now().isBefore(delivered.deadline())) {
                    yield Optional.empty();
                }
                yield Optional.of(
                        facts.answering() == Answering.YES ? delivered.notAnswered() : Ended.deliveredToSilent());
            }
            // What a device has, nobody takes back: it ends as the device says, or by its deadline.
            case Signal.Dispatched _, Signal.Received _, Signal.Withdrawn _ -> Optional.empty();
        };
    }

    private static Optional<Execution> running(Running running, Signal signal, Facts facts) {
        return switch (signal) {
            case Signal.Answered answered -> {
                Execution next = Execution.answered(answered.answer(), facts.silentUntil());
                yield Optional.of(next);
            }
            case Signal.DeadlinePassed _ ->
                facts.now().isBefore(running.deadline()) ? Optional.empty() : Optional.of(running.fellSilent());
            case Signal.Dispatched _, Signal.Received _, Signal.Withdrawn _ -> Optional.empty();
        };
    }

    /** What has ended stays as it ended; an answer that comes too late is kept beside it. */
    private static Optional<Execution> ended(Ended ended, Signal signal) {
        if (signal instanceof Signal.Answered(Answer answer, String json)
                && answer.isFinal()
                && !ended.answered()
                && ended.late() == null) {
            return Optional.of(ended.withLate(json));
        }
        return Optional.empty();
    }
}
