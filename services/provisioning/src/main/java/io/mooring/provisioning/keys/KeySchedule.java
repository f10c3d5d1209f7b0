package io.mooring.provisioning.keys;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * When keys sign. One follows another without a gap; the next is published before it signs, so that whoever fetched the
 * keys a while ago knows it; a former one is published until the last token it signed has ended.
 *
 * @param period how long a key signs
 * @param lead how long before that it is published
 * @param tokenLife how long a token lives
 */
record KeySchedule(Duration period, Duration lead, Duration tokenLife) {
    /** Clocks differ. */
    private static final Duration MARGIN = Duration.ofMinutes(10);

    /** The time in which a key signs. */
    record Term(Instant from, Instant until) {
        boolean holds(Instant now) {
            return !now.isBefore(from) && now.isBefore(until);
        }
    }

    /** The term of a key that must be made now; empty if there is nothing to do. */
    Optional<Term> next(List<Term> terms, Instant now) {
        Optional<Instant> last = terms.stream().map(Term::until).max(Instant::compareTo);
        if (last.isEmpty() || !now.isBefore(last.get())) {
            return Optional.of(new Term(now, now.plus(period)));
        }
        return now.isBefore(last.get().minus(lead))
                ? Optional.empty()
                : Optional.of(new Term(last.get(), last.get().plus(period)));
    }

    /** Whether a key is published. */
    boolean isPublished(Term term, Instant now) {
        return term.until().isAfter(forgottenUntil(now));
    }

    /** Keys that signed until then, or before, are of no more use. */
    Instant forgottenUntil(Instant now) {
        return now.minus(tokenLife).minus(MARGIN);
    }
}
