package io.mooring.agent;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** How long to wait before trying again: longer each time, and never quite as long as others wait. */
final class Backoff {
    private static final double JITTER = 0.25;
    /** Registration: 0.25 s more each time, up to 61 min (device protocol, section 1.1). */
    private static final Duration LONGEST_POLL = Duration.ofMinutes(61);

    private final Duration first;
    private final Duration longest;
    private int tries;

    Backoff(Duration first, Duration longest) {
        this.first = first;
        this.longest = longest;
    }

    /** The next wait: twice the one before. */
    Duration next() {
        long millis = Math.min(longest.toMillis(), first.toMillis() << Math.min(tries++, 20));
        return jittered(millis);
    }

    /** The next wait for a claim: a quarter of the first longer than the one before. */
    Duration nextPoll() {
        long millis = Math.min(LONGEST_POLL.toMillis(), first.toMillis() + first.toMillis() / 4 * tries++);
        return jittered(millis);
    }

    /** It worked: start over. */
    void reset() {
        tries = 0;
    }

    static Duration jittered(long millis) {
        double share = 1 - JITTER + 2 * JITTER * ThreadLocalRandom.current().nextDouble();
        return Duration.ofMillis(Math.max(1, Math.round(millis * share)));
    }
}
