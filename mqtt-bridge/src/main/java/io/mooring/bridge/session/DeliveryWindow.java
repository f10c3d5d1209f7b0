package io.mooring.bridge.session;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many messages a device was sent and has not acknowledged, those in the broker's queue
 * included. Lasts over reconnects, as the broker's queue does.
 *
 * <p>The broker drops what exceeds its queue without a word, so nothing more is handed to it than
 * the window holds.
 */
public final class DeliveryWindow {
    private final int most;
    private final AtomicInteger outstanding = new AtomicInteger();
    private volatile boolean counted = true;
    private volatile long progressNanos;

    public DeliveryWindow(int most) {
        this.most = most;
        this.progressNanos = System.nanoTime();
    }

    /** Whether the device must acknowledge something before it is sent more. */
    public boolean isFull() {
        return outstanding.get() >= most;
    }

    /** A message is handed to the broker. */
    public void sent() {
        if (counted && outstanding.getAndIncrement() == 0) {
            progressNanos = System.nanoTime();
        }
    }

    /** A message was acknowledged, or not taken by the broker after all. */
    public void settled() {
        progressNanos = System.nanoTime();
        // An acknowledgement may belong to what was queued before this process started.
        outstanding.getAndUpdate(count -> count > 0 ? count - 1 : 0);
    }

    /** The device begins with an empty queue. */
    public void reset() {
        outstanding.set(0);
        counted = true;
        progressNanos = System.nanoTime();
    }

    /** The device subscribed at QoS 0: it acknowledges nothing and is promised nothing. */
    public void stopCounting() {
        counted = false;
        outstanding.set(0);
    }

    /** The device is there again, and gets time anew to acknowledge. */
    public void resumed() {
        progressNanos = System.nanoTime();
    }

    /** Since when nothing was acknowledged. */
    public long stalledNanos() {
        return System.nanoTime() - progressNanos;
    }

    /** How many messages are not acknowledged. */
    public int outstanding() {
        return outstanding.get();
    }
}
