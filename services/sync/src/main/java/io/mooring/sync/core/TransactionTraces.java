package io.mooring.sync.core;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which traces the changes of the stream belong to. The stream has one transaction after the other, and what is said of
 * traces stands before the changes it is said of, so it is enough to remember the transaction that is being read.
 */
public final class TransactionTraces {
    /** What one transaction says beyond that is not remembered. */
    private static final int MOST = 1000;

    private record Said(TraceMessage message, ChangeTrace trace) {}

    private final List<Said> said = new ArrayList<>();
    private long transaction;

    /**
     * A transaction says of a trace.
     *
     * @param committedMicros when it was committed, see {@link ChangeTrace}
     * @param capturedMicros when that was read
     */
    public void note(long ofTransaction, TraceMessage message, long committedMicros, long capturedMicros) {
        begin(ofTransaction);
        if (said.size() < MOST) {
            said.add(new Said(message, new ChangeTrace(message.context(), committedMicros, capturedMicros)));
        }
    }

    /** The trace of a change that is read now: the last that was said of it; null if none was. */
    public @Nullable ChangeTrace of(long ofTransaction, String cloud, RowKey row) {
        begin(ofTransaction);
        for (Said last : said.reversed()) {
            if (last.message().covers(cloud, row)) {
                return last.trace();
            }
        }
        return null;
    }

    private void begin(long ofTransaction) {
        if (ofTransaction != transaction) {
            transaction = ofTransaction;
            said.clear();
        }
    }
}
