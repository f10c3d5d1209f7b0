package io.mooring.contracts.sync;

import io.mooring.contracts.clock.HybridTimestamp;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/**
 * How far a device has followed the changes of the cloud database: the place of a change in the one
 * ordered stream of all of them.
 *
 * <p>The protocol's {@code updated} in SYNC and SYNCDOWN must be text that sorts and that an Ioto
 * agent takes for a time, but wall time cannot order changes (a row stamped earlier can become
 * visible later). So a position is written as a time that is none: each epoch has a span of 2^40 ms
 * (34.8 years) of its own, from 2000 on, and the offset counts milliseconds in it. Epoch 0 is left
 * free, so that a real time of these years, as a device may bring from another cloud, is recognised
 * as no position and leads to a full catch-up.
 *
 * @param epoch 1 and up; a new one when the stream was lost and begins anew
 * @param offset the change's number in that epoch, from 0
 */
public record StreamPosition(int epoch, long offset) implements Comparable<StreamPosition> {
    private static final long ORIGIN_MILLIS =
            Instant.parse("2000-01-01T00:00:00Z").toEpochMilli();
    private static final int EPOCH_BITS = 40;
    private static final long MAX_OFFSET = (1L << EPOCH_BITS) - 1;
    private static final int MAX_EPOCH = 228;

    public StreamPosition {
        if (epoch < 1 || epoch > MAX_EPOCH) {
            throw new IllegalArgumentException("epoch outside 1 to " + MAX_EPOCH + ": " + epoch);
        }
        if (offset < 0 || offset > MAX_OFFSET) {
            throw new IllegalArgumentException("offset outside 0 to 2^40: " + offset);
        }
    }

    /** Reads what a device sent; empty if it is no position, as for a device that never synced. */
    public static Optional<StreamPosition> parse(String text) {
        try {
            long place = Instant.parse(text).toEpochMilli() - ORIGIN_MILLIS;
            long epoch = place >> EPOCH_BITS;
            return place < 0 || epoch < 1 || epoch > MAX_EPOCH
                    ? Optional.empty()
                    : Optional.of(new StreamPosition((int) epoch, place & MAX_OFFSET));
        } catch (DateTimeParseException | ArithmeticException e) {
            return Optional.empty();
        }
    }

    @Override
    public int compareTo(StreamPosition other) {
        int byEpoch = Integer.compare(epoch, other.epoch);
        return byEpoch != 0 ? byEpoch : Long.compare(offset, other.offset);
    }

    /** The text form, see the class. */
    @Override
    public String toString() {
        return HybridTimestamp.formatMillis(ORIGIN_MILLIS + ((long) epoch << EPOCH_BITS) + offset);
    }
}
