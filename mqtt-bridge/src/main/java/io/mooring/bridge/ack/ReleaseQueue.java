package io.mooring.bridge.ack;

import io.netty.channel.EventLoop;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The channels of one event loop that have something to let out. Kafka answers for many messages at
 * once; the event loop is woken once for all of them.
 */
final class ReleaseQueue {
    private final EventLoop eventLoop;
    private final Queue<GateAckHold> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();

    ReleaseQueue(EventLoop eventLoop) {
        this.eventLoop = eventLoop;
    }

    void add(GateAckHold hold) {
        waiting.add(hold);
        if (scheduled.compareAndSet(false, true)) {
            eventLoop.execute(this::drain);
        }
    }

    private void drain() {
        // Before looking: what is added from now on schedules anew.
        scheduled.set(false);
        for (GateAckHold hold = waiting.poll(); hold != null; hold = waiting.poll()) {
            hold.releaseAndFlush();
        }
    }
}
