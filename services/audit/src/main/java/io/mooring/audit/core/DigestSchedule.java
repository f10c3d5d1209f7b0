package io.mooring.audit.core;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * When digests end: at whole multiples of a period, and after an interruption once for all that was missed.
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
        long seconds = now.getEpochSecond();
        Instant boundary = Instant.ofEpochSecond(seconds - Math.floorMod(seconds, every.toSeconds()));
        return boundary.isAfter(lastEnd.get()) ? Optional.of(boundary) : Optional.empty();
    }
}
