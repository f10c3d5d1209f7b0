package io.mooring.devstack.launcher.process;

import java.time.Duration;

/**
 * How long to wait before a dead process is started again: 0.2 s, doubling up to 10 s. One that ran
 * for a minute starts over at 0.2 s.
 *
 * @param failures how often in a row it died
 */
record BackOff(int failures) {
    static final BackOff NONE = new BackOff(0);

    private static final long FIRST_MILLIS = 200;
    private static final long LONGEST_MILLIS = 10_000;
    private static final Duration SETTLED = Duration.ofMinutes(1);

    /** After one more death, of a process that ran this long. */
    BackOff died(Duration ranFor) {
        return new BackOff(ranFor.compareTo(SETTLED) >= 0 ? 1 : failures + 1);
    }

    Duration pause() {
        if (failures == 0) {
            return Duration.ZERO;
        }
        int doublings = Math.min(failures - 1, 10);
        return Duration.ofMillis(Math.min(FIRST_MILLIS << doublings, LONGEST_MILLIS));
    }
}
