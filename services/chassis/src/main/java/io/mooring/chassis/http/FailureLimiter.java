package io.mooring.chassis.http;

/**
 * Who may still try tokens, passwords and signatures: each source (see {@link TokenBuckets#source}) has so many failures, and
 * gets them back with time. A source without any left is not listened to, whatever it sends.
 */
public final class FailureLimiter {
    private static final double PER_SECOND = 5;
    private static final int BURST = 50;

    private final TokenBuckets failures;

    /** Of a door that nobody has set otherwise: 50 failures, five more a second. */
    public FailureLimiter() {
        this(PER_SECOND, BURST);
    }

    /**
     * Makes one.
     *
     * @param perSecond how many failures a source gets back
     * @param burst how many it has at first, and at most
     */
    public FailureLimiter(double perSecond, int burst) {
        this.failures = new TokenBuckets(perSecond, burst);
    }

    /** Whether whoever calls from an address may still try. */
    public boolean mayTry(String address) {
        return failures.hasLeft(TokenBuckets.source(address), System.nanoTime());
    }

    /** Whoever calls from an address tried, and failed. */
    public void failed(String address) {
        failures.take(TokenBuckets.source(address), System.nanoTime());
    }
}
