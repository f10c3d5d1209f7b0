package io.mooring.bridge.delivery;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How far one partition has been handed to the broker. Steps finish in any order; what is done is
 * everything before the first that is not.
 */
public final class Progress {
    /** One record on its way to one or many devices. */
    public static final class Step {
        private final long offset;
        // One for the record itself, until it was handed over for all of its devices.
        private final AtomicInteger open = new AtomicInteger(1);
        private volatile boolean failed;

        Step(long offset) {
            this.offset = offset;
        }

        /** It is on its way to one more client. */
        public void begun() {
            open.incrementAndGet();
        }

        /** The broker has it for one of them. */
        public void finished() {
            open.decrementAndGet();
        }

        /** The broker did not take it for one of them. */
        public void failed() {
            failed = true;
            open.decrementAndGet();
        }

        /** There are no more clients for it. */
        public void allHandedOver() {
            open.decrementAndGet();
        }
    }

    private final Deque<Step> steps = new ArrayDeque<>();
    private long done;

    /** Begins before a record. */
    public Progress(long next) {
        this.done = next;
    }

    /** The next record is begun. */
    public Step begin(long offset) {
        Step step = new Step(offset);
        steps.addLast(step);
        return step;
    }

    /** The last step has come to nothing and will be begun again. */
    public void undo(Step step) {
        steps.remove(step);
    }

    /** How many are begun and not done. */
    public int open() {
        return steps.size();
    }

    /** Moves on past all steps that are finished; stops at one that failed. */
    public void advance() {
        for (Step first = steps.peekFirst();
                first != null && first.open.get() == 0 && !first.failed;
                first = steps.peekFirst()) {
            done = first.offset + 1;
            steps.removeFirst();
        }
    }

    /** Whether a step failed and all begun have ended, so that they can be begun again. */
    boolean mustRepeat() {
        boolean anyFailed = false;
        for (Step step : steps) {
            if (step.open.get() > 0) {
                return false;
            }
            anyFailed |= step.failed;
        }
        return anyFailed;
    }

    /** Whether a step failed, so that none should be begun. */
    boolean hasFailed() {
        return steps.stream().anyMatch(step -> step.failed);
    }

    /** Forgets the steps that were not done. */
    void repeat() {
        steps.clear();
    }

    /** The offset of the first record that is not done. */
    public long done() {
        return done;
    }
}
