package io.mooring.messaging.core;

/**
 * When a command is given up for the devices that it was not sent to yet.
 *
 * @param share of those for which it ended, how many may have failed: 0 to 1; 1 for never
 * @param after how many must have ended before the share means anything
 */
public record StopRule(double share, int after) {
    /** It goes on whatever happens. */
    public static final StopRule NEVER = new StopRule(1, 1);

    /** Whether it is time to stop. */
    public boolean isBroken(int ended, int failures) {
        return ended >= after && failures > share * ended;
    }
}
