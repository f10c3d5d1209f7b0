package io.mooring.audit.core;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * When digests end: at whole multiples of a period. After an interruption the next ones speak for an hour each, or what is left
 * of it: AWS' tools, asked for some time, look for digests that end until an hour after it, and would see nothing of a longer one.
 *
 * @param every from 10 seconds to an hour: of more, AWS' tools would not see the last
 */
public record DigestSchedule(Duration every) {
    private static final Duration SHORTEST = Duration.ofSeconds(10);
    private static final Duration LONGEST = Duration.ofHours(1);

    public DigestSchedule {
        if (every.compareTo(SHORTEST) < 0 || every.compareTo(LONGEST) > 0 || every.getNano() != 0) {
            throw new IllegalArgumentException(
                    "mooring.audit.digest-every must be whole seconds, from 10 seconds to 1 hour, not " + every);
        }
    }

    /** The end of the digest that is due, empty if none is; the first of all is due at once. */
    public Optional<Instant> due(Optional<Instant> lastEnd, Instant now) {
        if (lastEnd.isEmpty()) {
            return Optional.of(now.truncatedTo(ChronoUnit.SECONDS));
        }
        Instant latest = boundary(now);
        Instant furthest = boundary(lastEnd.get().plus(LONGEST));
        Instant end = latest.isBefore(furthest) ? latest : furthest;
        return end.isAfter(lastEnd.get()) ? Optional.of(end) : Optional.empty();
    }

    /** The last end of a period that is not after this. */
    private Instant boundary(Instant time) {
        long seconds = time.getEpochSecond();
        return Instant.ofEpochSecond(seconds - Math.floorMod(seconds, every.toSeconds()));
    }
}
