package io.mooring.bridge.session;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many messages a device was sent and has not acknowledged, those in the broker's queue
 * included. Lasts over reconnects, as the broker's queue does.
 *
 * <p>The broker drops what exceeds its queue without a word, so nothing more is handed to it than
 * the window holds.
 */
public final class DeliveryWindow {
    private static final int[] NONE = {};
    private static final long NEVER = Long.MIN_VALUE;

    private final int most;
    private final AtomicInteger outstanding = new AtomicInteger();
    private volatile boolean counted = true;
    /** Since when something that was handed over is unanswered, with no answer to anything since; {@link #NEVER} if nothing is. */
    private volatile long unansweredNanos = NEVER;

    private boolean asksReceipts;
    private Runnable receiptAsked = () -> {};
    /** The hashes of filters: of millions of devices, a few each. */
    private int[] subscribed = NONE;

    public DeliveryWindow(int most) {
        this.most = most;
    }

    /** Whether the device must acknowledge something before it is sent more. */
    public boolean isFull() {
        return outstanding.get() >= most;
    }

    /** A message is handed to the broker. */
    public void sent() {
        if (counted) {
            outstanding.incrementAndGet();
            if (unansweredNanos == NEVER) {
                unansweredNanos = System.nanoTime();
            }
        }
    }

    /** A message was acknowledged, or not taken by the broker after all. */
    public void settled() {
        // An acknowledgement may belong to what was queued before this process started.
        outstanding.getAndUpdate(count -> count > 0 ? count - 1 : 0);
        resumed();
    }

    /** The device begins with an empty queue. */
    public synchronized void reset() {
        subscribed = NONE;
        outstanding.set(0);
        counted = true;
        resumed();
    }

    /**
     * The device subscribes; what it had subscribed before this process started is not known.
     *
     * @return false if that is more than it may
     */
    public synchronized boolean subscribe(String filter, int most) {
        int hash = filter.hashCode();
        for (int known : subscribed) {
            if (known == hash) {
                return true;
            }
        }
        if (subscribed.length >= most) {
            return false;
        }
        subscribed = Arrays.copyOf(subscribed, subscribed.length + 1);
        subscribed[subscribed.length - 1] = hash;
        return true;
    }

    /** The device takes a subscription back. */
    public synchronized void unsubscribe(String filter) {
        int hash = filter.hashCode();
        subscribed = Arrays.stream(subscribed).filter(known -> known != hash).toArray();
    }

    /** The device subscribed at QoS 0: it acknowledges nothing and is promised nothing. */
    public void stopCounting() {
        counted = false;
        outstanding.set(0);
        unansweredNanos = NEVER;
    }

    /** The device is sent something that asks for a receipt, now or before; from then on what it is sent is looked at. */
    public synchronized void askReceipt() {
        if (!asksReceipts) {
            asksReceipts = true;
            receiptAsked.run();
        }
    }

    /** Who is to know that receipts are asked for, once; at once if they are already. */
    public synchronized void whenReceiptAsked(Runnable told) {
        receiptAsked = told;
        if (asksReceipts) {
            told.run();
        }
    }

    /** The device is there again, or has answered, and gets time anew to acknowledge. */
    public void resumed() {
        // Nothing more is handed to a full one that would begin its time.
        unansweredNanos = isFull() ? System.nanoTime() : NEVER;
    }

    /**
     * Whether something was handed over so long ago, while the device was there, and it has acknowledged nothing since; or it has been full
     * so long. What the broker itself drops is not acknowledged either, so this goes by answers, not by how many messages are outstanding.
     */
    public boolean isSilent(long nanos) {
        long since = unansweredNanos;
        return since != NEVER && System.nanoTime() - since > nanos;
    }

    /** How many messages are not acknowledged. */
    public int outstanding() {
        return outstanding.get();
    }
}
